# Two images from one file: `server` is Tertulia, `page` is nginx with the built page in front of it.
# Build them with scripts/build.sh; docker-compose.yml runs them.

FROM node:22-bookworm-slim AS client
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci
COPY web ./
RUN npm run build


FROM python:3.12-slim-bookworm AS build
# hadolint ignore=DL3008 # Debian keeps only the newest version, so pins would break
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
RUN python3 -m venv /opt/tertulia \
    && /opt/tertulia/bin/pip install --no-cache-dir --no-compile --require-hashes \
        -r requirements-build.lock -r requirements.lock
COPY setup.py setup.cfg pyproject.toml MANIFEST.in README.md LICENSE ./
COPY sfu sfu
COPY signaling signaling
COPY api api
COPY db db
COPY --from=client /src/api/client api/client
# The native engine is optional to pip. An image without it would be a bad surprise.
RUN /opt/tertulia/bin/pip install --no-cache-dir --no-compile --no-deps --no-build-isolation . \
    && /opt/tertulia/bin/python -P -c "import sfu.engine._native" \
    && /opt/tertulia/bin/python -m compileall -q -j 0 /opt/tertulia/lib


FROM python:3.12-slim-bookworm AS server
RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin tertulia \
    && install -d -o tertulia -g tertulia -m 0700 /data
COPY --from=build /opt/tertulia /opt/tertulia
ENV PATH=/opt/tertulia/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    DATA_DIR=/data
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8080/tcp 7882/udp 7882/tcp
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["tertulia", "health"]
CMD ["tertulia"]


FROM nginx:1.28-alpine AS page
COPY containers/nginx /etc/nginx
COPY --from=client /src/api/client /usr/share/tertulia
USER 101
EXPOSE 3000/tcp 3443/tcp
HEALTHCHECK --interval=10s --timeout=5s \
    CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:3000/icon.svg"]
CMD ["nginx", "-g", "daemon off;"]
