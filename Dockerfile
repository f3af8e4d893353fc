# Built once with everything, then only what runs is kept: dist, production dependencies, no root.
FROM node:24-bookworm-slim AS build
WORKDIR /writ
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npm ci --omit=dev

FROM node:24-bookworm-slim
ENV NODE_ENV=production DATA_DIR=/var/lib/writ
WORKDIR /writ
COPY --from=build /writ/package.json ./
COPY --from=build /writ/node_modules ./node_modules
COPY --from=build /writ/bin ./bin
COPY --from=build /writ/dist ./dist
RUN mkdir -p "$DATA_DIR" && chown node:node "$DATA_DIR"
USER node
VOLUME /var/lib/writ
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 3000) + '/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/writ.js"]
CMD ["serve"]
