"""What an endpoint's refusals mean: whether to try again, how to ask otherwise, and what to tell whom."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from openai import APIConnectionError, APIStatusError, OpenAIError

from bot.errors import Invalid, Unavailable, UserError
from bot.llm.events import Declined, KeyRefused, NoAnswer, TooLong, UnknownModel

_SILENT = "The model does not answer right now; press *Regenerate* in a moment."
_UNCHECKED = "This cannot be checked right now, for the moderation model does not answer; try again in a moment."
_BUSY = "The model is asked too much right now; press *Regenerate* in a moment."
_TOO_LONG = ("context_length", "context length", "context size", "maximum context", "too long")
_DECLINED = ("content_filter", "content filter", "content_policy", "content policy", "moderation", "flagged")
_UNKNOWN = ("model_not_found", "model not found", "not a valid model", "does not exist", "no endpoints found")
_OPERATOR = "tell whoever runs this bot."

# Options that some endpoints or models refuse, and that a request can do without or spell otherwise.
_UNMISTAKABLE = ("response_format", "stream_options", "max_tokens", "temperature")
_SCHEMA = "json_schema"
_ORDINARY_WORDS = ("stop", "name")


def silent() -> NoAnswer:
    """Return the error for a model that does not answer."""
    return NoAnswer(_SILENT)


def nobody(base_url: str) -> Unavailable:
    """Return the operator's error for an address where nothing answers."""
    return Unavailable(f"Nothing answers at {base_url}: check OPENAI_BASE_URL, and that the server runs.")


def may_pass(error: OpenAIError) -> bool:
    """Return whether the same request may succeed a little later."""
    if isinstance(error, APIStatusError):
        return (error.status_code in (408, 409, 425, 429) or error.status_code >= 500) and not _no_credit(error)
    return isinstance(error, APIConnectionError)


def retry_after(error: OpenAIError) -> float | None:
    """Return the seconds that the endpoint asks to wait, if it does (RFC 9110, section 10.2.3)."""
    if not isinstance(error, APIStatusError):
        return None
    value = error.response.headers.get("retry-after", "")
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def refused_option(error: Exception) -> str | None:
    """Return the option to leave out of the next request, if the endpoint refused one; else None."""
    if not isinstance(error, APIStatusError) or error.status_code not in (400, 422):
        return None
    if too_long(error) or declined(error) or unknown_model(error):
        return None
    if error.param in (*_UNMISTAKABLE, *_ORDINARY_WORDS):
        return error.param
    said = _words(error)
    for option in _UNMISTAKABLE:
        if option in said:
            return option
    if _SCHEMA in said:
        return "response_format"
    for option in _ORDINARY_WORDS:
        if re.search(rf"['\"`]{option}['\"`]", said):
            return option
    return "stream_options"  # the least known of them: worth one more request


def told(error: OpenAIError, model: str) -> UserError:
    """Return the error for the person in the chat; it holds none of the endpoint's words."""
    if not isinstance(error, APIStatusError) or error.status_code >= 500 or error.status_code == 408:
        return silent()
    if too_long(error):
        words = "lower the history limit or the reply length in the chat's settings."
        return TooLong(f"The conversation is longer than {model} can read: {words}")
    if declined(error):
        return Declined("The model's provider does not let this be answered. Put it in other words, or rewind.")
    if unknown_model(error):
        words = f"The model's provider does not know {model}; choose another model, or {_OPERATOR}"
        return UnknownModel(words)
    match error.status_code:
        case 401 | 403:
            return KeyRefused(f"The model's provider refuses the bot's key; {_OPERATOR}")
        case 402 | 429 if _no_credit(error):
            return KeyRefused(f"The bot's account at the model's provider is used up; {_OPERATOR}")
        case 429:
            return NoAnswer(_BUSY)
        case status:
            words = f"The model's provider does not accept the request (error {status}); {_OPERATOR}"
    return Unavailable(words)


def unchecked() -> Unavailable:
    """Return the error for a moderation model that does not answer."""
    return Unavailable(_UNCHECKED)


def told_of_moderation(error: OpenAIError, model: str) -> UserError:
    """Return the error for whoever wanted to publish something; it holds none of the endpoint's words."""
    if not isinstance(error, APIStatusError) or may_pass(error):
        return unchecked()
    match error.status_code:
        case 401 | 403:
            words = "The moderation model's provider refuses the bot's key"
        case 404:
            words = f"The moderation model's provider does not know {model}"
        case status if _no_credit(error):
            words = f"The bot's account at the moderation model's provider is used up (error {status})"
        case status:
            words = f"The moderation model's provider does not accept the request (error {status})"
    return Unavailable(f"This cannot be checked right now. {words}; {_OPERATOR}")


def told_of_embedding(error: OpenAIError | None, model: str) -> UserError:
    """Return the error for who set an embedding model; None stands for silence."""
    if error is None or not isinstance(error, APIStatusError) or may_pass(error):
        words = f"The embedding model {model} does not answer"
    elif error.status_code in (401, 403):
        words = "The embedding model's provider refuses the bot's key"
    elif unknown_model(error):
        words = f"The embedding model's provider does not know {model}, or has no embeddings"
    else:
        words = f"The embedding model's provider does not accept the request (error {error.status_code})"
    return Unavailable(f"{words}: check EMBEDDING_MODEL.")


def told_operator(error: OpenAIError, model: str, base_url: str) -> UserError:
    """Return the error for who sets the program up: which setting to look at."""
    if not isinstance(error, APIStatusError):
        return nobody(base_url)
    status = error.status_code
    if may_pass(error):
        words = f"The server at {base_url} is busy or failing (error {status}): try again later."
        return Unavailable(words)
    if status in (401, 403):
        words = f"The server at {base_url} refuses the key: check OPENAI_API_KEY."
    elif status == 404:
        words = (
            f"The server at {base_url} does not know the model {model}: check CHAT_MODEL, and that "
            "OPENAI_BASE_URL ends as the provider says (often in /v1)."
        )
    elif _no_credit(error):
        words = f"The account at {base_url} has no credit left: top it up, or change OPENAI_API_KEY."
    else:
        words = f"The server at {base_url} does not accept a simple request to {model} (error {status})."
    return Invalid(words)


def too_long(error: APIStatusError) -> bool:
    """Return whether the prompt does not fit the model."""
    said = _words(error)
    return error.status_code == 413 or (error.status_code in (400, 422) and any(sign in said for sign in _TOO_LONG))


def declined(error: APIStatusError) -> bool:
    """Return whether the provider minds what stands in the prompt."""
    said = _words(error)
    return error.status_code in (400, 403, 422) and any(sign in said for sign in _DECLINED)


def unknown_model(error: APIStatusError) -> bool:
    """Return whether the provider lacks the model, or keeps it from this account."""
    said = _words(error)
    return error.status_code == 404 or (
        error.status_code in (400, 403, 422) and "model" in said and any(sign in said for sign in _UNKNOWN)
    )


def _no_credit(error: APIStatusError) -> bool:
    return "insufficient_quota" in _words(error) or error.status_code == 402


def _words(error: APIStatusError) -> str:
    """Return what the endpoint wrote, in lower case; for reading alone, never for showing."""
    return f"{error.code} {error.param} {error.message} {error.body}".lower()
