declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  interface Options {
    dom_id: string;
    url: string;
    validatorUrl: string | null;
    deepLinking: boolean;
    displayRequestDuration: boolean;
  }
  export default function SwaggerUI(options: Options): unknown;
}
