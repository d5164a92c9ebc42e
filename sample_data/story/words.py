"""Invented names of companies, people and places. Any likeness to real ones is chance; all domains end in .example."""

from __future__ import annotations

COUNTRIES = {
    "DACH": {"Germany": 68.0, "Austria": 15.0, "Switzerland": 17.0},
    "Nordics": {"Sweden": 40.0, "Denmark": 30.0, "Norway": 16.0, "Finland": 14.0},
    "UK & Ireland": {"United Kingdom": 82.0, "Ireland": 18.0},
    "Benelux & France": {"Netherlands": 42.0, "Belgium": 24.0, "France": 34.0},
}
REGION_SHARE = {"DACH": 46.0, "Nordics": 18.0, "UK & Ireland": 17.0, "Benelux & France": 19.0}

FIRST_NAMES = {
    "DACH": "Anna Birgit Carolin Clemens Daniela Dirk Elke Fabian Felix Florian Friederike Gerd Hanna Heike Henning Ines Jana Jens Johanna Jonas Judith "
    "Julia Kai Karin Katrin Klara Lars Lena Leonie Lukas Malte Marcel Maren Martina Matthias Mehmet Meike Moritz Nadine Nils Olaf Petra Ralf Reinhard "
    "Sabine Selin Simone Stefan Susanne Sven Tanja Thorsten Tobias Ulrike Vera Volker Yasemin",
    "Nordics": "Aino Anders Annika Astrid Bengt Birgitte Christer Ebba Eero Eirik Elin Emil Freja Gunnar Hanne Helle Henrik Ida Ingrid Jesper Johan Kaisa "
    "Karin Kjell Lasse Linnea Maja Mette Mikkel Nora Oskar Pernille Rasmus Sanna Signe Sofie Terje Tuomas Ulla Viggo",
    "UK & Ireland": "Aisling Alastair Amelia Andrew Aoife Asha Beth Callum Catherine Charlotte Ciaran Declan Duncan Eleanor Emma Gareth Gemma Graham "
    "Harriet Imran Isobel James Joanna Kieran Laura Malcolm Megan Niamh Oliver Priya Rachel Rhys Rory Sanjay Sarah Sinead Stuart Tamsin Thomas Zoe",
    "Benelux & France": "Adrien Agathe Anouk Bart Benoit Bram Camille Celine Claire Damien Dirk Elise Femke Floor Geert Guillaume Hugo Ilse Jasper Jeroen "
    "Joris Karel Laurent Liesbeth Lotte Lucie Maarten Manon Mathieu Nathalie Nicolas Noor Pauline Pieter Remy Sander Sophie Thibault Wouter Yannick",
}
LAST_NAMES = {
    "DACH": "Ackermeier Aldenhoven Bachthaler Berghold Brandhuber Breitkamp Dornseiff Ebersold Eichwald Fahrenholt Feldhusen Fuerbringer Gaertling "
    "Grotjohann Haberlandt Hallwachs Hartwich Heidenrath Hollerbach Huxholt Jaegersberg Kaltwasser Kirchhainer Klingenberg Kolbenschlag Kranefeld "
    "Krummacher Langhoff Lindscheid Luebbing Mahlstedt Meinholt Moosbrucker Nettelbeck Obermann Oezdemir Pfeilsticker Quandel Rabenstein Reuschling "
    "Rosskamp Sandkuehler Schattauer Schierholt Schmiedel Steinbrecher Stolzenau Tiefensee Uhlenbrock Vahrenhorst Waldschmitt Weidenbach Wiesnet "
    "Wohlgemuth Yildiz Zellweger Zumbrunn",
    "Nordics": "Aakjaer Ahlbeck Almqvist Bergheim Bjerkvik Brodersen Dahlgaard Ekholm Engstad Fagerlund Forsbacka Gronvall Haugstad Hedlund Hjelmgaard "
    "Holmstrup Isaksson Jarvelin Kallestad Kvarnstrom Lagerholm Lindegaard Lundvik Molgaard Nordahl Nystrand Ostergren Rantala Rosenvinge Sandvik "
    "Sjogren Skovbjerg Soderholm Stenmark Strandvik Thorsager Tuominen Vesterlund Wikander Ytterdal",
    "UK & Ireland": "Abernathy Ashcombe Atherley Birtwistle Brackenbury Cavanagh Chaudhry Cottrell Dalrymple Delaney Eastwell Fairclough Fenwick "
    "Gallimore Garrity Hargreave Heathcote Holroyd Iqbal Kavanaugh Kettlewell Lockwood Maddox Merriweather Nair Oakeshott Okafor Pemberton Pettigrew "
    "Quinlan Ravenscroft Sheridan Standish Tattersall Thackeray Underhill Venables Wainwright Whitcombe Yardley",
    "Benelux & France": "Aertsen Bellanger Boisvert Bosmans Brouckaert Chastain Clerckx Courtois Debruyne Delacroix Deschamps Desmet Dubreuil Engelen "
    "Fournel Gaillard Goossens Haverkamp Hendriks Jacobsen Joosten Kuipers Lacombe Lambrecht Leclair Marchand Martel Meijering Mertens Noordhof "
    "Ouwerkerk Peeters Roussel Schoenmaker Sterckx Terlouw Vanderlinden Verbeke Verhoeven Wijnands",
}

STEMS = {
    "DACH": "Adlerhag Ahrental Altfurt Amselgrund Auwiesen Bergamt Birkenlohe Blankensee Brunnholt Buchenried Donaukamp Eibenstein Elbmarsch Erlenhof "
    "Falkenrode Feuerbach Fichtenau Forsthagen Fuchsbrunn Gansberg Glasow Goldach Greifenau Haldenbeck Harzkamp Haselmoor Heidekrug Hirschau "
    "Hochgrat Holzmark Immental Isarwinkel Kaltental Kieselbach Kranichfeld Kupferau Lahnstett Lerchenau Lindgrund Loewenstett Mainbruck "
    "Marschhof Moorweide Muehlfurt Neckarhall Niederkamp Nordhafen Oderwald Ostfeld Pappelried Quellgrund Rabenau Rheinfurt Rotbuch Saalbruck "
    "Sandkamp Schwarzach Seeblick Silberbach Spreehof Steinfurt Stettental Sturmhof Talheimer Taubental Uferstett Ulmenau Vogtmark Waldeck "
    "Weissach Wendelau Werratal Wiesenfurt Wolfsgrund Zirbental",
    "Nordics": "Alvik Askholm Bjorkdal Brannvik Dalvang Ekelund Elvsund Fjordby Furuholm Gransund Havnby Hollandal Isfjell Kaldvik Kvarnby Lakshol "
    "Lindvang Marnas Mosjo Nordvika Norrholm Osterby Ravnsund Rosenvang Sandholm Silverdal Skarvik Skogheim Snefjell Solberga Stenvang Storhavn "
    "Sundvall Tallbacka Ulvsund Vargon Vestfjell Vinterby Ytterholm",
    "UK & Ireland": "Alderbrook Ashmere Barrowgate Beckwith Blackmoor Bramhurst Brightwell Burncastle Carrowmore Coldharbour Copperdale Crosswell "
    "Dunmarrow Eastmarch Elmstead Fallowfield Foxley Glenarra Greystoke Harrowdale Hawkesbury Highmoor Kingsford Larkhill Longmere Marlowe "
    "Millbrook Northgate Oakhanger Penhallow Ravensworth Redcliffe Silverdene Stonebridge Thornbury Wellcombe Westmere Wetherby Wychwood",
    "Benelux & France": "Amstelveld Beaumarais Beukenhof Bosveld Clairval Coudray Damveld Duinkerk Eikenrode Fontbelle Grandpre Haarveld Hautbois "
    "Kasteelhof Lindenrode Lysbrook Maasduin Marchevert Merwestad Montclair Nieuwmeer Oosterlo Polderwijk Pontneuf Ravestein Rivelaine "
    "Rozendaal Saintval Scheldemond Tilburgse Tourelle Valmont Veldzicht Vertbois Viersel Waalwijker Westdijk Zandhoven Zilvermeer",
}
# What a company does, as its name says it: words used everywhere, then those of its region.
LINES = {
    "Manufacturing": "Components Precision Systems | Maschinenbau Antriebe Werkzeugbau | Industri Verktyg | Castings Fastenings | Metaal Mecanique",
    "Logistics": "Logistics Freight Shipping | Logistik Spedition | Frakt Transport | Haulage Distribution | Logistiek Transports",
    "Retail": "Retail Stores | Handel Warenhaus | Detaljhandel Butiker | Homeware Outfitters | Winkels Maison",
    "Food & beverage": "Foods Beverages | Feinkost Molkerei Backwaren | Mejeri Brygghus | Brewing Dairies | Brouwerij Alimentaire",
    "Professional services": "Consulting Engineering Advisory | Beratung Ingenieure | Konsult Radgivning | Partners Surveyors | Adviseurs Conseil",
    "Software": "Software Digital Cloud | Datentechnik | Data | Analytics | Numerique",
    "Energy": "Energy Renewables Power | Energie Stadtwerke | Kraft Vind | Utilities | Stroom Energies",
    "Healthcare": "Medical Diagnostics Pharma | Kliniken Medizintechnik | Helse Medicin | Care Clinics | Zorg Sante",
    "Construction": "Construction Building | Hochbau Tiefbau | Bygg Entreprenad | Contractors | Bouw Batiment",
    "Hospitality": "Hotels Hospitality | Gastronomie | Hotell | Leisure Inns | Horeca Resorts",
}
REGIONS = tuple(REGION_SHARE)


def lines_of(industry: str, region: str) -> list[str]:
    """Return the words for an industry in the names of a region's companies."""
    everywhere, *regional = LINES[industry].split(" | ")
    return everywhere.split() + 2 * regional[REGIONS.index(region)].split()


FORMS = {
    "Germany": ("GmbH", "AG", "GmbH & Co. KG", "SE"),
    "Austria": ("GmbH", "AG"),
    "Switzerland": ("AG", "SA"),
    "Sweden": ("AB",),
    "Denmark": ("A/S", "ApS"),
    "Norway": ("AS",),
    "Finland": ("Oy", "Oyj"),
    "United Kingdom": ("Ltd", "plc", "Group"),
    "Ireland": ("Ltd", "DAC"),
    "Netherlands": ("B.V.", "N.V."),
    "Belgium": ("NV", "SA", "BV"),
    "France": ("SA", "SAS", ""),
}

# Title and persona in the order in which people join a buying group; the first is the champion's.
TITLES = {
    "small business": (
        ("Head of Finance", "champion"),
        ("Managing Director", "decision maker"),
        ("Finance Manager", "champion"),
        ("Bookkeeper", "user"),
        ("Owner", "decision maker"),
        ("Office Manager", "user"),
        ("Financial Accountant", "user"),
        ("COO", "decision maker"),
    ),
    "mid-market": (
        ("Head of Accounting", "champion"),
        ("CFO", "decision maker"),
        ("Group Accountant", "user"),
        ("Head of Controlling", "influencer"),
        ("IT Manager", "technical"),
        ("Finance Business Partner", "influencer"),
        ("Senior Accountant", "user"),
        ("Head of Finance", "champion"),
        ("Internal Auditor", "influencer"),
        ("Treasury Manager", "user"),
    ),
    "enterprise": (
        ("Director Group Accounting", "champion"),
        ("Head of Record to Report", "champion"),
        ("Group CFO", "decision maker"),
        ("VP Finance Transformation", "influencer"),
        ("Group Controller", "decision maker"),
        ("Head of Shared Services", "influencer"),
        ("IT Architect Finance Systems", "technical"),
        ("Procurement Manager IT", "procurement"),
        ("Information Security Officer", "technical"),
        ("Head of Internal Audit", "influencer"),
        ("SAP Finance Lead", "technical"),
        ("Senior Manager Consolidation", "user"),
        ("Regional Controller", "user"),
        ("Legal Counsel", "procurement"),
        ("Process Owner Intercompany", "user"),
        ("Works Council Representative", "influencer"),
    ),
}

SELF_REPORTED = (
    "Google",
    "a colleague told me",
    "LinkedIn",
    "search engine",
    "podcast, don't remember which",
    "your webinar",
    "trade fair",
    "our auditor mentioned you",
    "ChatGPT",
    "Empfehlung",
    "previous company used it",
    "newsletter",
    "googled prices",
    "your partner",
    "saw an ad",
    "review site",
    "Slack group for controllers",
    "n/a",
    "via Kollegin",
    "article",
)

CALL_NOTES = (
    "Closes in nine days, wants five. Excel reconciliations are the pain.",
    "Left a voicemail, mailbox nearly full.",
    "Asked for the price list again, sent the cost article.",
    "Auditor flagged missing sign-offs last year.",
    "Needs works council before any pilot.",
    "Not before year-end close.",
    "Wants a reference in the same industry.",
    "Comparing us with Closewise and spreadsheets.",
    "Budget round in September.",
    "New CFO starts in Q2, wait.",
    "Happy with the pilot, legal is slow.",
    "Asked about SAP connector, booked an architect.",
    "Wrong number, try assistant.",
    "Sent the security pack.",
    "Intercompany is the real problem, 40 entities.",
    "Will talk to IT on Thursday.",
    "Prefers annual invoice in GBP.",
    "Champion on leave until the 14th.",
    "Discussed rollout in two waves.",
    "Discount asked: 15 %. Offered payment terms instead.",
    "Procurement joined, very friendly, very slow.",
    "Colleague in Lyon should see it too.",
    "Said the trial entity reconciled in two hours.",
    "Wants it in the data centre in Frankfurt.",
    "They tried to build it themselves in 2023.",
    "Price is fine, timing is not.",
    "Group audit asks for four-eyes approval.",
    "Decision moved to next month.",
)
QUESTIONS = {
    "cost": (
        "What does it cost for 12 entities?",
        "Is there a fee per user or per entity?",
        "What does the implementation cost on top?",
        "Do you charge for read-only auditors?",
        "How much does the price go up after year one?",
        "What would we save per month-end?",
        "Why is it dearer than a spreadsheet add-on?",
    ),
    "problems": (
        "What goes wrong in most implementations?",
        "What happens if our chart of accounts changes mid-year?",
        "Can it cope with late postings?",
        "What does it not do?",
        "How long until the first close works?",
        "What if the ERP interface is down on day three?",
    ),
    "versus": (
        "How are you different from Closewise?",
        "Why not just use our ERP's closing cockpit?",
        "Ledgerline says they are faster, true?",
        "Could we build this in Power BI?",
        "Excel with macros works, why change?",
    ),
    "reviews": (
        "Who in our industry uses it?",
        "Can we talk to a customer with 30 entities?",
        "What do auditors say?",
        "Is there a customer who left you, and why?",
    ),
    "best": (
        "What is the best tool for a group with three ERPs?",
        "Which close software fits under 50 people?",
        "What is best practice for intercompany?",
    ),
    "other": (
        "Where is the data hosted?",
        "Do you support DATEV?",
        "Is there single sign-on?",
        "Which ERP versions do you connect to?",
        "Can external accountants get access?",
        "Is the audit trail accepted by our auditor?",
        "Do you have a French interface?",
        "How are approvals delegated during holidays?",
    ),
}
LOSS_REASONS = {
    "price": 20.0,
    "no decision": 27.0,
    "timing": 14.0,
    "competitor": 16.0,
    "missing feature": 9.0,
    "stayed with spreadsheets": 10.0,
    "no budget": 8.0,
    "unresponsive": 6.0,
}
COMPETITORS = {
    "Closewise": 36.0,
    "Ledgerline": 26.0,
    "the ERP's own closing cockpit": 20.0,
    "spreadsheets": 12.0,
    "Abschluss+": 6.0,
}
