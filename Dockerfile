# Builds what `npm run release` makes for this architecture, which carries its Node and the database, and lays it on a base
# that has a C library. In a release: --build-arg ARCHIVE=logstream-VERSION-linux-x64.tar.gz takes the one in release/.
ARG BUILD_IMAGE=node:22.22.2-bookworm-slim
ARG BASE_IMAGE=debian:12.12-slim

FROM ${BUILD_IMAGE} AS build
ARG ARCHIVE=
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No scripts: no package needs one to be installed, and `prepare` would build before the sources are there.
RUN [ -n "$ARCHIVE" ] || npm ci --ignore-scripts
COPY . .
RUN if [ -n "$ARCHIVE" ]; then tar -xzf "release/$ARCHIVE" -C release; else npm run release -- --only=folder; fi \
 && mv release/logstream-*/ /opt/logstream

FROM ${BASE_IMAGE}
ENV NODE_ENV=production
COPY --from=build /opt/logstream /opt/logstream
# An empty named volume takes its owner from the folder it is mounted on.
RUN groupadd --gid 1000 logstream \
 && useradd --uid 1000 --gid 1000 --no-create-home --home-dir /var/lib/logstream --shell /usr/sbin/nologin logstream \
 && ln -s /opt/logstream/bin/logstream /usr/local/bin/logstream \
 && install -d -o logstream -g logstream /var/lib/logstream /var/log/transactions
USER logstream
WORKDIR /var/lib/logstream
EXPOSE 12345
ENTRYPOINT ["logstream"]
CMD ["run", "/etc/logstream/config.alloy", "--server.http.listen-addr=0.0.0.0:12345", "--storage.path=/var/lib/logstream"]
