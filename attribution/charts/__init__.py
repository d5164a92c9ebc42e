"""Pictures: plain rows in, a Plotly figure as a plain dict out. Pure: no database, no Streamlit, no clock.

theme.py     colours, the one colour of each channel, layout defaults
formats.py   how money, shares, dates and names are written
revenue.py   months by channel, the bridge, shares of a total, movers
journey.py   one deal's journey
"""
