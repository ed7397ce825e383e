// Starts the GOV.UK components on every page. Pages work without it.
import { initAll } from './govuk-frontend.min.js'

initAll()
