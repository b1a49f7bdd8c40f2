import pytest
from pydantic import ValidationError

BRAIN = {"center": 40, "width": 80}


@pytest.mark.parametrize(
    "options",
    [
        {"grey": "window"},
        {"grey": "stored", "windows": (BRAIN,)},
        {"grey": "window", "windows": (BRAIN, BRAIN)},
        {"grey": "window", "windows": tuple({"center": number, "width": 80} for number in range(4))},
        {"grey": "window", "windows": ({"center": 40, "width": 0},)},
        {"percentiles": (99, 1)},
        {"percentiles": (-1, 99)},
        {"crop": {"size": 0, "unit": "mm"}},
        {"crop": {"size": 50, "unit": "cm"}},
    ],
)
def test_an_image_section_that_contradicts_itself_is_refused(image_spec, options):
    with pytest.raises(ValidationError):
        image_spec(**options)


def test_each_window_is_a_channel(image_spec):
    assert image_spec().channels == 1
    wide = {"center": 80, "width": 200}
    assert image_spec(grey="window", windows=(BRAIN, wide)).channels == 2


def test_a_section_read_back_from_json_is_the_same(image_spec):
    spec = image_spec(grey="window", windows=(BRAIN,), crop={"size": 50, "unit": "mm"})
    assert type(spec).model_validate(spec.model_dump(mode="json")) == spec
