# Builds with development packages; ships only compiled files, examples and production packages.
FROM node:22.22.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No scripts: no package needs one to be installed, and `prepare` would build before the sources are there.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY bin bin
COPY build build
COPY lib lib
COPY page page
COPY transforms transforms
RUN npm run build \
 && npm prune --omit=dev --ignore-scripts \
 && npm install --no-save --omit=dev --ignore-scripts "@duckdb/node-api@$(node -p 'require("./package.json").peerDependencies["@duckdb/node-api"]')"

FROM node:22.22.2-bookworm-slim
ENV NODE_ENV=production
COPY --from=build /app/package.json /app/package.json
COPY --from=build /app/node_modules /app/node_modules
COPY --from=build /app/dist /app/dist
COPY examples /app/examples
# An empty named volume takes its owner from the folder it is mounted on.
RUN ln -s /app/dist/bin/logstream.js /usr/local/bin/logstream \
 && install -d -o node -g node /var/lib/logstream /var/log/transactions
USER node
WORKDIR /var/lib/logstream
EXPOSE 12345
ENTRYPOINT ["logstream"]
CMD ["run", "/etc/logstream/config.alloy", "--server.http.listen-addr=0.0.0.0:12345", "--storage.path=/var/lib/logstream"]
