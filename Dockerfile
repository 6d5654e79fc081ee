# The program with its pinned packages; the archive is the volume /data. docs/operations.md, In a container.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /source
COPY requirements.lock ./
RUN python -m venv /opt/dangqun && /opt/dangqun/bin/pip install --no-cache-dir --requirement requirements.lock
COPY setup.py pyproject.toml README.md LICENSE ./
COPY archive archive
COPY crawler crawler
COPY spiders spiders
COPY datasette datasette
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheel . \
    && /opt/dangqun/bin/pip install --no-cache-dir --no-deps /wheel/*.whl

FROM python:${PYTHON}-slim
COPY --from=build /opt/dangqun /opt/dangqun
# Volumes that are new and empty take the owner of these folders.
RUN useradd --uid 10001 --no-create-home dangqun && install --directory --owner dangqun --group dangqun /data /backup
ENV PATH=/opt/dangqun/bin:$PATH DANGQUN_ARCHIVE=/data
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8001
# Of the site; compose.yaml and the CronJob have none for other commands.
HEALTHCHECK --start-period=60s --timeout=10s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8001/robots.txt', timeout=8)"]
ENTRYPOINT ["dangqun"]
CMD ["serve", "--host", "0.0.0.0"]
