"""What the register is asked for once a year: figures that open their cases, as a page, as JSON and as a table.

`annual.build` counts, `render.as_html`, `as_json` and `as_csv` print, `annual.cases_behind` opens a number.
"""
