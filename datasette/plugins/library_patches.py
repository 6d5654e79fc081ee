"""Changes to Datasette and its plugins that no setting offers."""

from datasette import hookimpl
from datasette.app import Datasette

from server import compat

_COUNTED = 1000  # rows of a filtered table, then "many"; counting ten thousand, as Datasette does, reads each of them


@hookimpl
def startup(datasette: Datasette) -> None:
    compat.limit_row_counts(_COUNTED)
    compat.sort_by_key_last()
    compat.answer_errors_without_rich()
    compat.correct_llms_txt()
