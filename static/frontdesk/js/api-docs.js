// Draws the API's page from its document; requests made here carry the page's CSRF token.
(function () {
  "use strict";
  const place = document.getElementById("api-docs");
  const token = () => {
    const found = document.cookie.match(/(?:^|; )frontdesk_csrf=([^;]+)/);
    return found ? found[1] : "";
  };
  window.SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    deepLinking: true,
    displayRequestDuration: true,
    validatorUrl: null,
    requestInterceptor(request) {
      if (token()) request.headers["X-CSRFToken"] = token();
      return request;
    },
  });
})();
