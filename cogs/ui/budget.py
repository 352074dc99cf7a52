"""What Discord's headers say about a webhook's budget, passed on to the scheduler of edits; and its 429s, counted."""

import re
from types import SimpleNamespace

import aiohttp

from cogs.ui.stage import DiscordStage

_WEBHOOK = re.compile(r"/webhooks/(\d+)/")


def trace_of(trace: aiohttp.TraceConfig, stage: DiscordStage) -> None:
    """Makes a client's `http_trace` tell the stage about every answer to a webhook's request."""

    async def ended(
        _session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestEndParams
    ) -> None:
        if params.response.status == 429:
            stage.hear_refusal()
        match = _WEBHOOK.search(params.url.path)
        if match and params.method == "POST" and params.response.status >= 500:
            stage.hear_trouble(int(match[1]))
        remaining = params.response.headers.get("X-RateLimit-Remaining")
        if match and remaining is not None:
            stage.hear_budget(
                int(match[1]),
                remaining=_number(remaining),
                reset_after=_number(params.response.headers.get("X-RateLimit-Reset-After", "0")),
            )

    async def broke(
        _session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestExceptionParams
    ) -> None:
        match = _WEBHOOK.search(params.url.path)
        if match and params.method == "POST":
            stage.hear_trouble(int(match[1]))

    trace.on_request_end.append(ended)
    trace.on_request_exception.append(broke)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
