"""Time zones by the names that people type."""

import pytest

from bot.account.preferences import zone_of
from bot.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (" europe/berlin ", "Europe/Berlin"),
        ("berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("america/argentina/buenos aires", "America/Argentina/Buenos_Aires"),
        ("utc", "UTC"),
        ("", None),
        ("   ", None),
    ],
)
def test_zones_are_found_as_people_write_them(typed: str, name: str | None) -> None:
    assert zone_of(typed) == name


@pytest.mark.parametrize("typed", ["Atlantis", "../../etc/passwd", "Europe", "x" * 500])
def test_what_is_no_zone_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="I know no time zone"):
        zone_of(typed)
