"""What goes out as a file: HTML first, the PDF from the same HTML, a mail version of its own, plain text for a chat. Templates in templates/.

paper       the sheet that all files share: environment, style, numbers and escaping
timeline    one deal's pieces per person over time, as SVG (timeline_phone: running down)
drawings    small SVG: sparklines, and shares of won and lost deals with their range
spotlight   html(), mail() and text() of a spotlight
workbook    a table as XLSX, with a second sheet that says what it was made under
pdf         from_html(); is_available() says what to install where the PDF library's system parts are missing
commands    python -m attribution report …
"""
