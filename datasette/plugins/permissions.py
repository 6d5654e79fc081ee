"""What a person may be allowed to do here beyond reading; datasette.yaml says who may."""

from datasette import hookimpl
from datasette.permissions import Action


@hookimpl
def register_actions() -> list[Action]:
    return [
        Action(name="review", description="Decide about facts and stations, follow searches"),
        Action(name="administer", description="Take down, and undo what others decided"),
    ]
