"""What operators see of the running program: structured logs and metrics, never text or names of people."""

import asyncio
import logging
import sys
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, Literal

import structlog

LOOK_SECONDS = 1.0
NONE = "none"
REPLY_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0)
WAIT_BUCKETS = (0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
SHORT_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


def set_up_logs(shape: Literal["text", "json"], *, quiet: bool = False) -> None:
    """Sends every log line to stderr, ours and the libraries'; `quiet` keeps all but warnings away."""
    level = logging.WARNING if quiet else logging.INFO
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _tell_exceptions,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if shape == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            *shared,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,  # set up anew, as tests do, it must hold for every logger
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def _tell_exceptions(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Tells where an exception came from and of which kind it is, not what it says: that may be somebody's words."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else None  # pyright: ignore[reportUnknownVariableType]
    if given is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["exception"] = "\n".join(_told(error))
    return event


def _told(error: BaseException) -> list[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    kind = type(error)
    state = getattr(error, "sqlstate", None) or getattr(error, "errno", None) or getattr(error, "code", None)
    named = f"{kind.__module__}.{kind.__qualname__}" + (f" ({state})" if isinstance(state, int | str) else "")
    trace: TracebackType | None = error.__traceback__
    return [*(_told(before) if before else ()), "".join(traceback.format_tb(trace)) + named]


class Metrics:
    """Counters and histograms in Prometheus' form, in a registry of their own.

    Without `serving` nothing is counted and nothing loaded: the client's library takes a tenth of a second and
    some megabytes. Labels hold what the operator names (models) and the program's own words alone.
    """

    def __init__(self, *, serving: bool) -> None:
        self._instruments = _Instruments() if serving else None

    def replied(self, *, status: str, kind: str, model: str | None, seconds: float | None) -> None:
        """A reply has ended: how, which kind it was, who spoke, and how long it took."""
        if self._instruments:
            self._instruments.replies.labels(status, kind, model or NONE).inc()
            if seconds is not None:
                self._instruments.duration.labels(model or NONE).observe(seconds)

    def first_token(self, model: str, seconds: float) -> None:
        """The first word of a reply came so long after it began."""
        if self._instruments:
            self._instruments.first_token.labels(model).observe(seconds)

    def spent(self, model: str | None, *, prompt_tokens: int | None, completion_tokens: int | None) -> None:
        """A reply cost so many tokens."""
        if self._instruments:
            self._instruments.tokens.labels(model or NONE, "prompt").inc(prompt_tokens or 0)
            self._instruments.tokens.labels(model or NONE, "completion").inc(completion_tokens or 0)

    def stood_in(self, model: str, *, instead_of: str) -> None:
        """Another model spoke than the chosen one."""
        if self._instruments:
            self._instruments.stand_ins.labels(model, instead_of).inc()

    def shown(self, seconds: float) -> None:
        """Discord shows text that the cache had acknowledged so long before."""
        if self._instruments:
            self._instruments.edit_delay.observe(seconds)

    def waited_for_lock(self, seconds: float) -> None:
        """Somebody waited for a locked row."""
        if self._instruments:
            self._instruments.lock_wait.observe(seconds)

    def waiting(self, replies: int) -> None:
        """So many replies wait for another one to end."""
        if self._instruments:
            self._instruments.queued.set(replies)

    def refused_by_discord(self) -> None:
        """Discord answered 429."""
        if self._instruments:
            self._instruments.discord_429.inc()

    def worked(self, name: str, *, outcome: str) -> None:
        """A job of the queue has ended, well or not."""
        if self._instruments:
            self._instruments.jobs.labels(name, outcome).inc()

    async def watch_loop(self) -> None:
        """Measures for ever how late the event loop wakes; run as a task."""
        loop = asyncio.get_running_loop()
        while self._instruments:
            due = loop.time() + LOOK_SECONDS
            await asyncio.sleep(LOOK_SECONDS)
            self._instruments.loop_lag.observe(max(0.0, loop.time() - due))

    def render(self) -> tuple[bytes, str]:
        """All figures as Prometheus reads them, and the content type."""
        return self._instruments.render() if self._instruments else (b"", "text/plain; charset=utf-8")


class _Instruments:
    """What is measured, by its Prometheus name."""

    def __init__(self) -> None:
        import prometheus_client as prometheus  # noqa: PLC0415  (costs a tenth of a second)

        self._registry = registry = prometheus.CollectorRegistry(auto_describe=True)
        self._generate = prometheus.generate_latest
        self._content_type = prometheus.CONTENT_TYPE_LATEST

        def counter(name: str, words: str, *labels: str) -> prometheus.Counter:
            return prometheus.Counter(f"dramatis_{name}", words, labels, registry=registry)

        def seconds(name: str, words: str, buckets: tuple[float, ...], *labels: str) -> prometheus.Histogram:
            return prometheus.Histogram(f"dramatis_{name}_seconds", words, labels, buckets=buckets, registry=registry)

        self.replies = counter("replies", "Replies that ended.", "status", "kind", "model")
        self.stand_ins = counter("stand_ins", "Replies by another model than the chosen one.", "model", "instead_of")
        self.tokens = counter("tokens", "Tokens read and written.", "model", "direction")
        self.discord_429 = counter("discord_429", "Requests that Discord answered with 429.")
        self.jobs = counter("jobs", "Jobs that ended.", "name", "outcome")
        self.queued = prometheus.Gauge("dramatis_queued_replies", "Replies waiting for another.", registry=registry)
        self.first_token = seconds("first_token", "From a reply's begin to its first word.", REPLY_BUCKETS, "model")
        self.duration = seconds("reply", "From a reply's begin to its end.", REPLY_BUCKETS, "model")
        self.edit_delay = seconds("edit_delay", "From text acknowledged to text shown.", WAIT_BUCKETS)
        self.lock_wait = seconds("lock_wait", "Waiting for a locked row.", SHORT_BUCKETS)
        self.loop_lag = seconds("event_loop_lag", "How late the event loop wakes.", SHORT_BUCKETS)

    def render(self) -> tuple[bytes, str]:
        return self._generate(self._registry), self._content_type
