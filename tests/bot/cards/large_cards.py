"""Cards as large as real ones get, to measure with."""

import json


def card_of_a_megabyte() -> bytes:
    """A V3 card as JSON of 1.0 MB: a lorebook of 700 entries as SillyTavern writes them, long texts, wide letters."""
    entries = [
        {
            "keys": [f"dragon {number}", "wyrm", "drake"],
            "secondary_keys": ["fire"],
            "content": "The dragons of the north sleep under the mountain, or so they say. " * 15,
            "enabled": True,
            "insertion_order": number,
            "use_regex": False,
            "constant": False,
            "selective": True,
            "position": "after_char",
            "extensions": {"position": 4, "depth": 4, "probability": 100, "selectiveLogic": 0, "display_index": number},
        }
        for number in range(700)
    ]
    data = {
        "name": "Zoë",
        "description": "Ä dragon's keeper — weathered, kind, sharp of tongue. " * 950,
        "first_mes": "“Mind the embers,” she says. " * 200,
        "alternate_greetings": ["You again? " * 300] * 5,
        "tags": ["fantasy", "dragons"],
        "character_book": {"name": "The North", "entries": entries, "extensions": {}},
        "extensions": {"depth_prompt": {"prompt": "She never lies.", "depth": 4, "role": "system"}},
    }
    return json.dumps({"spec": "chara_card_v3", "spec_version": "3.0", "data": data}, ensure_ascii=False).encode()
