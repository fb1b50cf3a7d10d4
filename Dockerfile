# Tidings on Node, with everything embedded in the volume /data.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json build.mjs ./
COPY src ./src
COPY projections ./projections
RUN npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 DATA_DIR=/data
RUN mkdir /data && chown node:node /data
COPY --from=build --chown=node:node /app/package.json ./
COPY --from=build --chown=node:node /app/node_modules ./node_modules
COPY --from=build --chown=node:node /app/dist ./dist
COPY --chown=node:node deploy/with-secrets.sh ./deploy/
USER node
VOLUME /data
EXPOSE 4000
# Whether the process answers, not whether it is ready: one that folds its views, or waits for its log, is not to be killed for that.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# AUTH_SECRET_FILE and its like name files that hold secrets.
ENTRYPOINT ["/app/deploy/with-secrets.sh", "node", "--max-semi-space-size=16", "dist/src/main.js"]
CMD ["serve"]
