# The image: the interpreter, broker-sync and what they need, on an empty root. No shell, no package manager, no pip.
# Everything is unpacked and chosen in the first stage; deploy/image/README.md says how, and how to renew the pins.

# Commands are run one by one, because there is no shell to join them.
# hadolint global ignore=DL3059

# python:3.13-slim of August 2026 (3.13.14, trixie). The digest is that of the index, so it is the same for
# every architecture. Dependabot moves it.
FROM python:3.13-slim@sha256:9662417aace5ae7b8e2609cce472b72a8958e134ba372808abe9cc1a0c0125e6 AS build

# Only wheels: nothing of a dependency is run while the image is made.
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_NO_INPUT=1 \
    PIP_ONLY_BINARY=:all: \
    PIP_ROOT_USER_ACTION=ignore \
    PYTHONDONTWRITEBYTECODE=1

WORKDIR /src
RUN ["python", "-m", "venv", "--without-pip", "/opt/broker-sync"]
COPY deploy/image/ deploy/image/
RUN ["pip", "--python", "/opt/broker-sync", "install", "--require-hashes", "--requirement", "deploy/image/requirements.txt"]
RUN ["pip", "install", "--require-hashes", "--requirement", "deploy/image/build-requirements.txt"]
COPY . .
RUN ["pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", "/wheel", "."]
# What was just built is the only one there.
# hadolint ignore=DL3013
RUN ["pip", "--python", "/opt/broker-sync", "install", "--no-deps", "--no-index", "--find-links", "/wheel", "broker-sync"]
RUN ["python", "deploy/image/assemble.py", "/opt/broker-sync", "/image"]


FROM scratch

COPY --from=build /image/ /

# HOME is named because an arbitrary user has none, and so that nothing is looked for outside of the volume.
ENV PATH=/opt/broker-sync/bin \
    HOME=/data \
    LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    BROKER_SYNC_DATA_DIR=/data \
    WF_SESSION_PATH=/data/wealthfolio_session.json

# Where /tmp cannot be written, temporary files go to the working directory.
WORKDIR /data
VOLUME ["/data"]
USER 10001:10001

# The first process of a container ignores SIGTERM unless it says otherwise; SIGINT ends the run between two steps.
STOPSIGNAL SIGINT
# A run ends: its exit status says how it went, and there is nothing to probe meanwhile.
HEALTHCHECK NONE
ENTRYPOINT ["broker-sync"]
CMD ["ibkr"]

# Last, so that another revision does not build everything anew.
ARG VERSION=unreleased
ARG REVISION=unknown
ARG CREATED=unknown
ARG SOURCE=https://github.com/broker-sync/broker-sync
LABEL org.opencontainers.image.title="broker-sync" \
      org.opencontainers.image.description="Keeps a portfolio tracker equal to the broker" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.documentation="${SOURCE}/blob/main/docs/deploy.md" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="docker.io/library/python:3.13-slim"
