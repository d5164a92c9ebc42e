"""What each page shows, put together from the dataset: figures, tables, parts of pictures, sentences. No Streamlit, no cache.

One module per page, one frozen object per view; a report or a notebook can ask for the same view as the app.
"""
