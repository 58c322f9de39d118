"""The texts: both languages complete, with the same places to fill."""

import json
import re
from importlib import resources
from string import Formatter

from geo.quality.faults import Kind


def read(file: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads(resources.files("maps").joinpath("locale", file).read_text("utf-8"))
    return texts


ZH, EN = read("zh_Hans.json"), read("en.json")

# Codes that answers of the server carry and a page must be able to say.
CODES = {
    "reason": "nearest own_grid neighbour_grid same_area elsewhere off_shift stale_fix lost_fix no_skill full "
    "exclusive declined_before other_grid farther no_position not_asked not_suited reserved resting",
    "status": "reported received verifying filed rejected void dispatched handling handled inspecting rework closed "
    "duplicate returned extension_requested shelved",
    "task": "offered accepted declined expired withdrawn on_scene done failed",
    "urgency": "emergency urgent ordinary",
    "state": "free busy stale lost off",
    "decline": "too_far busy not_mine unsafe other",
    "disposition": "resolved mediated transferred no_action",
    "event": "reported received verifying filed rejected void offered waiting accepted declined expired withdrawn on_scene "
    "done failed climbed dispatched reassigned added duplicate merged returned extension_requested extended "
    "extension_refused shelved resumed awaiting went_on recounted due_soon overdue_step whistled reported_in reminded "
    "supervised overdue scene_late handled inspecting rework closed reopened undone",
    "kind": "person team station department",
    "whom": "ranked building_head hub_household grid_leader duty_chief departments centre",
    "ground_fault": "shape_invalid shape_empty overlap gap sliver outside_parent parent_uncovered code_bad code_doubled "
    "household_in_no_grid household_in_other_grid household_off_building grid_too_large grid_too_small "
    "grid_without_leader grid_without_worker grid_nobody_on_duty street_apart building_overlap address_doubled",
    "flaw": "self_intersection ring_self_intersection hole_lies_outside_shell nested_shells nested_holes "
    "interior_is_disconnected invalid_coordinate not_digits wrong_length not_under_parent",
    "why_not": "took_too_long too_much_memory too_many_vertices not_a_coverage ground_lost nothing_to_mend broken stopped "
    "gone check_running proposal_running unknown_layer",
    "step": "receive dispatch arrive handle verify",
    "undo": "closed void rejected duplicate shelved dispatched reassigned added",
}


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert list(ZH) == list(EN)


def test_both_languages_fill_the_same_places() -> None:
    assert {key: places(ZH[key]) for key in ZH} == {key: places(EN[key]) for key in EN}


def test_every_code_the_server_sends_has_words() -> None:
    wanted = {f"{group}.{code}" for group, codes in CODES.items() for code in codes.split()}
    assert wanted - set(ZH) == set()


def test_every_kind_of_fault_that_is_looked_for_has_words() -> None:
    assert set(CODES["ground_fault"].split()) == {kind.value for kind in Kind}


def test_no_text_is_empty() -> None:
    assert all(text.strip() == text and text for text in (*ZH.values(), *EN.values()))


def test_chinese_is_chinese_and_english_is_english() -> None:
    han = re.compile(r"[\u3400-\u9fff]")
    assert [key for key, text in EN.items() if han.search(text)] == []
    said = {key: re.sub(r"\{\w+\}|[\d\W_]", "", text) for key, text in ZH.items()}
    assert [key for key, text in said.items() if text and not han.search(text)] == []
