"""From a folder of exports, or files that were uploaded, to a mapping.toml, a check, and a new version of the database.

    uploads      hostile files → a private folder of checked ones
    looking      a folder → what each file holds: columns, values, kinds of values
    vocabulary   what HubSpot, Salesforce, GA4, ad platforms and others call our columns
    matching     one file → the tables it can feed, and which column is which
    suggesting   all files together → a draft: what feeds what, keys that fit, what is left out and why
    draft        what a person may change, and the mapping.toml that comes of it
    checking     a dry run of the loader: what would be loaded, what could not be read, what is covered
    serving      build and switch; the versions kept, and the way back

Nothing here imports Streamlit; pages/data/sources.py asks these functions step by step.
"""
