// A file of its own, to be loaded late: a package of CommonJS that is imported late has other names once it is bundled.
export { createTransport, type SendMailOptions } from "nodemailer";
