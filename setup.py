"""Where packages lie. Everything else is declared in pyproject.toml."""

from setuptools import find_namespace_packages, setup

setup(
    packages=[*find_namespace_packages(include=["archive*", "crawler*", "spiders*"]), "crawler.site"],
    # datasette/ is a configuration directory: installed under its own name it would lie in the library of that name.
    package_dir={"crawler.site": "datasette"},
)
