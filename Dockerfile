# The bot alone: Postgres, Valkey and the model are other containers or services (see compose.yaml).
FROM python:3.11-slim AS build
WORKDIR /app
COPY locks/run.txt locks/run.txt
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r locks/run.txt

FROM python:3.11-slim
RUN useradd --system --create-home --home-dir /app --shell /usr/sbin/nologin dramatis \
 && install -d -o dramatis -g dramatis /data
WORKDIR /app
COPY --from=build /venv /venv
COPY bot bot
COPY cogs cogs
COPY storage storage
COPY migrations migrations
COPY characters characters
COPY pyproject.toml LICENSE ./
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data METRICS_PORT=9464 LOG_FORMAT=json
USER dramatis
VOLUME /data
EXPOSE 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"METRICS_PORT\"]}/readyz', timeout=4)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
