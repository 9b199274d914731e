from __future__ import annotations

from pathlib import Path

import pytest

from conflictspan.errors import ConfigError
from training.config import load_config

CONFIGS = Path(__file__).parent.parent / "training" / "configs"


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda p: p.name)
def test_every_released_config_loads(path: Path) -> None:
    assert load_config(path).output.name == path.stem


def test_overrides_take_their_type_from_the_key() -> None:
    config = load_config(CONFIGS / "default.toml", ["learning_rate=2e-4", "epochs = 5", "encoder=/some/folder"])
    assert (config.learning_rate, config.epochs, config.encoder) == (2e-4, 5, "/some/folder")


def test_the_number_of_layers_goes_with_the_encoder_that_it_is_for(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('encoder = "a"\nencoder_layers = 5\n')
    found = [
        load_config(file, overrides).encoder_layers
        for overrides in ([], ["seed=1"], ["encoder=b"], ["encoder=b", "encoder_layers=3"], ["encoder_layers=4"])
    ]
    assert found == [5, 5, None, 3, 4]


def test_an_unknown_key_is_an_error_with_the_nearest_known_name(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"--set learning_rat=1: unknown key 'learning_rat'; did you mean 'learning_rate'"
    ):
        load_config(CONFIGS / "default.toml", ["learning_rat=1"])
    file = tmp_path / "mine.toml"
    file.write_text("epoch = 3\n")
    with pytest.raises(ConfigError, match=r"mine.toml: unknown key 'epoch'; did you mean 'epochs'"):
        load_config(file)


def test_a_value_of_the_wrong_kind_names_the_key_and_the_value() -> None:
    with pytest.raises(ConfigError, match=r"default.toml: epochs = 'many'"):
        load_config(CONFIGS / "default.toml", ["epochs=many"])
    for wrong in ("epochs=0", "train_share=0", "train_share=1.1"):
        with pytest.raises(ConfigError, match="{} = '{}'".format(*wrong.split("="))):
            load_config(CONFIGS / "default.toml", [wrong])


def test_an_override_without_a_value_says_how_to_write_it() -> None:
    with pytest.raises(ConfigError, match="--set epochs: write KEY=VALUE"):
        load_config(CONFIGS / "default.toml", ["epochs"])


def test_a_file_that_is_no_toml_or_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none.toml: cannot read the configuration: No such file"):
        load_config(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("epochs 3")
    with pytest.raises(ConfigError, match=r"bad.toml: not valid TOML"):
        load_config(tmp_path / "bad.toml")
