/** What Swagger UI leaves to its page: the ground, less empty room, and colours in which small letters can be read. */
export const style = `body { margin: 0; background: #fafafa; }
noscript p { padding: 1rem; font-family: sans-serif; }
.swagger-ui .info { margin: 24px 0; }
.swagger-ui .scheme-container { padding: 16px 0; }
.swagger-ui .info a, .swagger-ui .opblock-description a { text-decoration: underline; }

html:not(.dark-mode) .swagger-ui { --get: #1667b7; --post: #1a7a4c; --put: #9a5700; --patch: #0d7466; --delete: #c0262d; }
html:not(.dark-mode) .swagger-ui .opblock-get .opblock-summary-method { background: var(--get); }
html:not(.dark-mode) .swagger-ui .opblock-post .opblock-summary-method { background: var(--post); }
html:not(.dark-mode) .swagger-ui .opblock-put .opblock-summary-method { background: var(--put); }
html:not(.dark-mode) .swagger-ui .opblock-patch .opblock-summary-method { background: var(--patch); }
html:not(.dark-mode) .swagger-ui .opblock-delete .opblock-summary-method { background: var(--delete); }
html:not(.dark-mode) .swagger-ui .btn.authorize { border-color: var(--post); color: var(--post); }
html:not(.dark-mode) .swagger-ui .btn.authorize svg { fill: var(--post); }
html:not(.dark-mode) .swagger-ui .info a { color: var(--get); }
html:not(.dark-mode) .swagger-ui .markdown code, html:not(.dark-mode) .swagger-ui .renderedMarkdown code { color: #5b2a86; }
`;
