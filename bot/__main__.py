"""The command line: `python -m bot COMMAND`."""

import argparse
import asyncio
import importlib.metadata
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from bot import VERSION
from bot.errors import UserError
from bot.settings import read_settings
from bot.telemetry import set_up_logs


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns 0 when it worked, 1 with a sentence when not, 2 when it was not understood."""
    asked = parser().parse_args(arguments)
    try:
        return run_until_stopped(_command(asked))
    except UserError as error:
        print(str(error), file=sys.stderr)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 0


def parser() -> argparse.ArgumentParser:
    """What can be asked on the command line."""
    top = argparse.ArgumentParser(prog="python -m bot", description="Dramatis: shared characters for Discord.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="run the bot on Discord")
    commands.add_parser("worker", help="do the jobs of the queue beside the bot, here or on another machine")
    demo = commands.add_parser("demo", help="try everything in a browser: no account, no token, no internet")
    demo.add_argument("--fresh", action="store_true", help="begin anew: forget the demo's chats and characters")
    demo.add_argument("--port", type=int, default=None, help="where the page is (default: 7878, or a free port)")
    commands.add_parser("doctor", help="check token, intents, permissions, database, cache and model")
    commands.add_parser("migrate", help="bring the database to this program's tables")
    keys = commands.add_parser("keys", help="keys that seal what is stored")
    actions = "new: print a fresh key for MASTER_KEYS; rotate: wrap everything by the first of MASTER_KEYS"
    keys.add_argument("action", choices=["new", "rotate"], help=actions)
    back_up = commands.add_parser("backup", help="write everything that is stored to one file, and the keys to another")
    back_up.add_argument("path", type=Path, help="a file, or a folder in which each backup gets a name of its own")
    restore = commands.add_parser("restore", help="fill an empty database from a backup and the newest keys")
    restore.add_argument("path", type=Path, help="a backup, or a folder, of which the newest one is taken")
    for each in (back_up, restore):
        each.add_argument("--keys", type=Path, default=None, help="the keys file (default: beside the backup)")
    back_up.add_argument(
        "--only-keys", action="store_true", help="replace the keys file alone: quick, after a rotation"
    )
    bring = commands.add_parser("import", help="bring in character cards in bulk")
    bring.add_argument("path", type=Path, help="a card file, or a folder with card files")
    bring.add_argument("--check", action="store_true", help="read and report, save nothing")
    bring.add_argument("--json", action="store_true", help="one line of JSON a file")
    bring.add_argument("--owner", type=int, default=None, help="Discord id of the owner (default: first operator)")
    bring.add_argument("--publish", action="store_true", help="publish those that lack nothing")
    prompt = commands.add_parser("prompt", help="show what the model would read of a card, and why")
    prompt.add_argument("card", type=Path, help="a card file")
    prompt.add_argument(
        "--persona", type=Path, default=None, help="who you are: JSON with name and description, or a card"
    )
    prompt.add_argument("--history", type=Path, default=None, help="what was said: JSONL, as SillyTavern writes it")
    prompt.add_argument("--model", default="", help="whose tokenizer counts (default: an estimate)")
    prompt.add_argument("--story", action="store_true", help="as a story is told, without turns")
    prompt.add_argument("--json", action="store_true", help="one JSON document")
    seed = commands.add_parser("seed", help="fill a database with made-up characters, to measure")
    seed.add_argument("count", type=int, nargs="?", default=1_000_000, help="how many (default: a million)")
    seed.add_argument("--owners", type=int, default=None, help="how many people own them (default: a 20th)")
    seed.add_argument("--seed", type=int, default=0, help="another number makes up others")
    seed.add_argument("--yes", action="store_true", help="even where people's own characters are")
    commands.add_parser("version", help="print the version")
    return top


async def _command(asked: argparse.Namespace) -> int:
    # Each command imports what it needs: `version` must not load the whole program.
    match asked.command:
        case "version":
            print(f"Dramatis {VERSION}, discord.py {importlib.metadata.version('discord.py')}")
        case "keys":
            from bot.cli.keys import print_new, rotate  # noqa: PLC0415

            return print_new() if asked.action == "new" else await rotate(read_settings())
        case "backup":
            from bot.cli.backup import back_up  # noqa: PLC0415

            await back_up(read_settings(), asked.path, keys=asked.keys, only_keys=asked.only_keys)
        case "restore":
            from bot.cli.restore import restore  # noqa: PLC0415

            return await restore(read_settings(), asked.path, keys=asked.keys)
        case "run":
            from bot.cli.running import run  # noqa: PLC0415

            settings = read_settings()
            set_up_logs(settings.log_format)
            await run(settings)
        case "worker":
            from bot.cli.worker import work  # noqa: PLC0415

            settings = read_settings()
            set_up_logs(settings.log_format)
            await work(settings)
        case "demo":
            from bot.cli.demo import demo  # noqa: PLC0415

            settings = read_settings()
            set_up_logs(settings.log_format, quiet=True)
            await demo(settings, fresh=asked.fresh, port=asked.port)
        case "doctor":
            from bot.cli.doctor import doctor  # noqa: PLC0415

            return await doctor()
        case "migrate":
            from bot.cli.migrating import migrate  # noqa: PLC0415

            await migrate(read_settings())
        case "prompt":
            from bot.cli.prompting import Asked, show_prompt  # noqa: PLC0415

            files = {"card": asked.card, "persona": asked.persona, "history": asked.history}
            return await show_prompt(Asked(**files, model=asked.model, is_story=asked.story, as_json=asked.json))
        case "seed":
            from bot.cli.seed import fill  # noqa: PLC0415

            await fill(read_settings(), asked.count, owners=asked.owners, seed=asked.seed, yes=asked.yes)
        case _:
            from bot.cli.importing import bring_in  # noqa: PLC0415

            return await bring_in(
                read_settings(),
                asked.path,
                check=asked.check,
                as_json=asked.json,
                owner=asked.owner,
                publish=asked.publish,
            )
    return 0


def run_until_stopped(work: Coroutine[Any, Any, int]) -> int:
    """Runs to the end, or until SIGINT or SIGTERM asks for an orderly one."""

    async def stoppable() -> int:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - asyncio.run made it
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await work

    return asyncio.run(stoppable())


if __name__ == "__main__":
    sys.exit(main())
