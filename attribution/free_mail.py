"""Facts about identity that no setting changes."""

from __future__ import annotations

# Domains at which anybody can have an address: they never tie a person to a company.
FREE_MAIL_DOMAINS: tuple[str, ...] = (
    "126.com", "163.com", "aim.com", "alice.it", "aol.com", "att.net", "bellsouth.net", "bigpond.com", "bluewin.ch", "bol.com.br",
    "btinternet.com", "caramail.com", "centrum.cz", "charter.net", "comcast.net", "cox.net", "daum.net", "docomo.ne.jp",
    "earthlink.net", "email.com", "email.cz", "fastmail.com", "fastmail.fm", "foxmail.com", "free.fr", "freenet.de", "gmail.com",
    "gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.fr", "gmx.net", "googlemail.com", "hanmail.net", "hey.com", "hotmail.be",
    "hotmail.co.uk", "hotmail.com", "hotmail.com.br", "hotmail.de", "hotmail.es", "hotmail.fr", "hotmail.it", "hotmail.nl",
    "hushmail.com", "icloud.com", "ig.com.br", "inbox.com", "inbox.lv", "inbox.ru", "interia.pl", "juno.com", "kpnmail.nl",
    "laposte.net", "libero.it", "list.ru", "live.be", "live.ca", "live.co.uk", "live.com", "live.de", "live.fr", "live.it",
    "live.nl", "mac.com", "mail.com", "mail.de", "mail.ru", "me.com", "msn.com", "naver.com", "netscape.net", "neuf.fr", "ntlworld.com",
    "o2.pl", "online.de", "onet.pl", "optonline.net", "orange.fr", "outlook.com", "outlook.com.br", "outlook.de", "outlook.es",
    "outlook.fr", "outlook.it", "pm.me", "posteo.de", "proton.me", "protonmail.ch", "protonmail.com", "qq.com", "rambler.ru",
    "rediffmail.com", "rocketmail.com", "sapo.pt", "sbcglobal.net", "seznam.cz", "sfr.fr", "sina.com", "sky.com", "skynet.be",
    "sohu.com", "t-online.de", "talktalk.net", "telenet.be", "terra.com.br", "tiscali.it", "tuta.com", "tuta.io", "tutanota.com",
    "uol.com.br", "verizon.net", "virgilio.it", "virginmedia.com", "vodafone.de", "wanadoo.fr", "web.de", "wp.pl", "yahoo.ca",
    "yahoo.co.in", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com", "yahoo.com.au", "yahoo.com.br", "yahoo.de", "yahoo.es", "yahoo.fr",
    "yahoo.it", "yandex.com", "yandex.ru", "yeah.net", "ymail.com", "zoho.com",
)
