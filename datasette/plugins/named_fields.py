"""The fields of Datasette's own forms get names, for those who cannot see what stands beside them."""

from datasette import hookimpl
from jinja2.ext import Extension

_NAMED = {
    '<select name="_filter_column': '<select aria-label="列 column" name="_filter_column',
    '<select name="_filter_op': '<select aria-label="比较 comparison" name="_filter_op',
    '<select name="_sort"': '<select aria-label="排序 sort" name="_sort"',
    'class="filter-value"': 'class="filter-value" aria-label="值 value"',
    '<textarea id="sql-editor"': '<textarea aria-label="SQL" id="sql-editor"',
}


class Named(Extension):
    """Rewrites the source of its templates."""

    def preprocess(self, source, name, filename=None):
        for plain, named in _NAMED.items():
            source = source.replace(plain, named)
        return source


@hookimpl
def prepare_jinja2_environment(env):
    env.add_extension(Named)
