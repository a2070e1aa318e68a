// Shows the API's description; a script of its own, because the pages allow none inside them.
const page = document.getElementById("api");
SwaggerUIBundle({ domNode: page, url: page.dataset.schema, deepLinking: true, validatorUrl: null });
