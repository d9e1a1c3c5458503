"""Where settings come from and which of them wins."""

from pathlib import Path

import pytest

from reev_flow.errors import InvalidSetting, UnreadableSettings
from reev_flow.settings import FILE_NAME, SETTINGS, load_settings


def write(folder: Path, text: str) -> None:
    (folder / FILE_NAME).write_text(text, encoding="utf-8")


def test_without_anything_every_setting_has_its_default(tmp_path: Path):
    settings = load_settings({}, tmp_path)
    assert [(entry.value, entry.source) for entry in settings.in_use.values()] == [
        (setting.default, "default") for setting in SETTINGS
    ]


def test_the_file_wins_over_the_default(tmp_path: Path):
    write(tmp_path, "[insights]\nmetrics = false\n")
    settings = load_settings({}, tmp_path)
    assert settings.switch("insights.metrics") is False
    assert settings.in_use["insights.metrics"].source == str(tmp_path / FILE_NAME)


def test_the_environment_wins_over_the_file(tmp_path: Path):
    write(tmp_path, "[insights]\nmetrics = false\n")
    settings = load_settings({"REEV_METRICS_COLLECTION": "yes"}, tmp_path)
    assert settings.switch("insights.metrics") is True
    assert settings.in_use["insights.metrics"].source == "REEV_METRICS_COLLECTION"


def test_an_empty_variable_is_as_good_as_none(tmp_path: Path):
    settings = load_settings({"REEV_METRICS_COLLECTION": ""}, tmp_path)
    assert settings.in_use["insights.metrics"].source == "default"


def test_the_nearest_file_above_the_folder_counts(tmp_path: Path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    write(tmp_path, '[check]\nfail_on = "error"\n')
    write(tmp_path / "a", '[check]\nfail_on = "note"\n')
    assert load_settings({}, inner).word("check.fail_on") == "note"


def test_codes_may_be_a_list_or_stand_between_commas(tmp_path: Path):
    write(tmp_path, '[check]\nselect = ["rf101", "RF2"]\nignore = "RF203, RF204"\n')
    settings = load_settings({}, tmp_path)
    assert settings.codes("check.select") == ("RF101", "RF2")
    assert settings.codes("check.ignore") == ("RF203", "RF204")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[insights]\nmetrics = 3\n", "insights.metrics"),
        ("[check]\nfail_on = 'sometimes'\n", "check.fail_on"),
        ("[check]\nselect = [1]\n", "check.select"),
        ("[check]\nignroe = []\n", "check.ignroe"),
        ("metrics = true\n", "metrics"),
    ],
)
def test_a_value_or_name_that_cannot_be_used_is_refused_with_its_place(text: str, name: str, tmp_path: Path):
    write(tmp_path, text)
    with pytest.raises(InvalidSetting) as refused:
        load_settings({}, tmp_path)
    assert refused.value.name == name
    assert str(tmp_path / FILE_NAME) in str(refused.value)


def test_a_wrong_variable_is_refused_by_its_name(tmp_path: Path):
    with pytest.raises(InvalidSetting, match="REEV_MERMAID_GENERATION='perhaps'"):
        load_settings({"REEV_MERMAID_GENERATION": "perhaps"}, tmp_path)


@pytest.mark.parametrize("content", [b"not toml", b"\xff\xfe"])
def test_a_file_that_is_not_toml_is_refused_by_its_path(content: bytes, tmp_path: Path):
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(UnreadableSettings, match="cannot be read"):
        load_settings({}, tmp_path)


def test_a_wrong_table_is_told_without_all_that_is_in_it(tmp_path: Path):
    write(tmp_path, '[prices."gpt"]\ninput = -1\noutput = 987\n')
    with pytest.raises(InvalidSetting) as refused:
        load_settings({}, tmp_path)
    assert "gpt: input must be from 0" in str(refused.value)
    assert "987" not in str(refused.value)


def test_a_very_long_value_is_cut_in_what_is_told(tmp_path: Path):
    with pytest.raises(InvalidSetting) as refused:
        load_settings({"REEV_MERMAID_GENERATION": "x" * 100_000}, tmp_path)
    assert len(str(refused.value)) < 300


def test_a_name_that_is_nearly_right_is_answered_with_the_right_one(tmp_path: Path):
    write(tmp_path, "[check]\nselct = []\n")
    with pytest.raises(InvalidSetting, match=r"did you mean check\.select\?"):
        load_settings({}, tmp_path)


def test_a_name_like_no_other_is_answered_with_those_of_its_table(tmp_path: Path):
    write(tmp_path, "[check]\nzzzzzz = []\n")
    with pytest.raises(InvalidSetting, match=r"known are check\.fail_on, check\.ignore") as refused:
        load_settings({}, tmp_path)
    assert "sessions" not in str(refused.value)


def test_the_file_may_say_that_no_finding_fails(tmp_path: Path):
    write(tmp_path, '[check]\nfail_on = "never"\n')
    assert load_settings({}, tmp_path).word("check.fail_on") == "never"
