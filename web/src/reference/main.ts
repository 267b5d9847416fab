import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";
import "swagger-ui-dist/swagger-ui.css";

SwaggerUI({
  dom_id: "#reference",
  url: "/api", // programs get the document there, browsers this page
  validatorUrl: null, // asks nobody else whether it is valid
  deepLinking: true,
  displayRequestDuration: true,
});
