"""A corpus of what should never be taken: whole bodies, and values for each kind of field."""

import json
from typing import Any

NAN, INFINITE, HUGE = float("nan"), float("inf"), 10**400
DEEP: Any = json.loads("[" * 900 + "]" * 900)
LONG = "长" * 100_000

WHOLE_BODIES: dict[str, bytes] = {
    "nothing": b"",
    "white space": b" \n\t ",
    "null": b"null",
    "a number": b"5",
    "a text": b'"x"',
    "a list": b"[1, 2, 3]",
    "cut off": b'{"lng": 118.3, "lat": 27.0, "datum": "wg',
    "two documents": b"{} {}",
    "no JSON": b"lng=118.3&lat=27.0",
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "100,000 brackets": b"[" * 100_000,
    "100,000 braces": b'{"a":' * 100_000,
    "100,000 nested lists": b'{"lng":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a number of 5,000 digits": b'{"lng": ' + b"9" * 5000 + b"}",
    "an exponent beyond all": b'{"lng": 1e400, "lat": -1e400}',
    "not a number": b'{"lng": NaN, "lat": Infinity, "datum": -Infinity}',
    "bytes that are no UTF-8": b'{"description": "\xff\xfe"}',
    "UTF-16": '{"lng": 118.3}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{",
    "NUL bytes": b"\x00" * 100,
    "a lone surrogate as a name": b'{"\\ud800": 1}',
    "the same name twice": b'{"lng": 1, "lng": [], "x": 1}',
    "10,000 unknown names": json.dumps({f"name{number}": number for number in range(10_000)}).encode(),
    "2 MB": b'{"description": "' + b"x" * 2_000_000 + b'"}',
    "2 MB of numbers": b"[" + b"1," * 1_000_000 + b"1]",
}

NUMBERS: dict[str, Any] = {
    "none": None,
    "true": True,
    "a text": "118.3",
    "an empty text": "",
    "NaN": NAN,
    "infinite": INFINITE,
    "minus infinite": -INFINITE,
    "400 digits": HUGE,
    "the largest float": 1.7976931348623157e308,
    "181": 181,
    "-91 or less": -180.0000001,
    "a list": [118.3],
    "an object": {"lng": 118.3},
    "deep": DEEP,
}
TEXTS: dict[str, Any] = {
    "none": None,
    "a number": 5,
    "true": True,
    "empty": "",
    "blank": " \t\u3000\n",
    "a NUL": "x\x00y",
    "a lone surrogate": "x\ud800y",
    "a surrogate at the end": "x\udfff",
    "100,000 letters": LONG,
    "a list": ["x"],
    "an object": {"x": "y"},
    "deep": DEEP,
}
WORDS = TEXTS | {
    "an unknown word": "mars",
    "capitals": "WGS84",
    "SQL": "x'; DROP TABLE incident; --",
    "a template": "{metres}{0}%s${jndi:ldap://x}",
}
TIMES = TEXTS | {
    "without an offset": "2026-11-20T12:00:00",
    "no time": "2026-11-20",
    "seconds": 1_800_000_000,
    "seconds as a text": "1800000000",
    "NaN": NAN,
    "the end of time": "9999-12-31T23:59:59.999999+00:00",
    "beyond the end of time": "9999-12-31T23:59:59-23:59",
    "the beginning of time": "0001-01-01T00:00:00Z",
    "before the beginning of time": "0001-01-01T00:00:00+23:59",
    "the 30th of February": "2026-02-30T00:00:00Z",
    "an offset of 100 hours": "2026-11-20T12:00:00+100:00",
}
OPTIONAL = {"address", "note", "reported_at", "fixed_at", "accuracy_m"}
KINDS: dict[str, dict[str, Any]] = {
    "lng": NUMBERS,
    "lat": NUMBERS,
    "accuracy_m": NUMBERS | {"less than nothing": -1, "more than the Earth": 1e9},
    "datum": WORDS,
    "category": WORDS,
    "description": TEXTS,
    "address": TEXTS,
    "note": TEXTS,
    "reported_at": TIMES,
    "fixed_at": TIMES,
    "disposition": WORDS,
    "reason": WORDS,
    "result": WORDS,
    "layer": WORDS,
    "points": TEXTS
    | {"pairs of texts": [["1", "2"]], "one number": [[118.3]], "NaN": [[NAN, 27.0]], "off": [[200, 0]]},
}

HEAD = b"Host: 127.0.0.1\r\nConnection: close\r\n"
COOKIE = b"Cookie: wangge_key="


def _get(target: bytes, head: bytes = HEAD) -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\n" + head + b"\r\n"


PATHS: tuple[bytes, ...] = (
    b"/" + b"x" * 7_000, b"/" + b"x" * 9_000, b"/" + b"x" * 200_000, b"/" + b"%41" * 2_000, b"/api/incidents/" + b"/" * 4_000,
    b"/%00", b"/static/%00", b"/static/css/%00.css", b"/tiles/grids/%00/0/0", b"/api/incidents/%00", b"/?lang=%00",
    b"/..", b"/../../../etc/passwd", b"/static/../../pyproject.toml", b"/static/..%2f..%2fpyproject.toml",
    b"/static/%2e%2e/%2e%2e/pyproject.toml", b"/static/....//....//etc/passwd", b"/static//etc/passwd",
    b"/static/..%5c..%5cwindows", b"/static/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd", b"/static/" + b"x" * 300,
    b"/static/" + b"x/" * 3_000, b"/static/css", b"/static/", b"/static",
    b"/%ff%fe", b"/%", b"/%zz", b"/%e7%bd%91%e6%a0%bc", b"/\xe7\xbd\x91", b"/\xff\xfe", b"/a b", b"/\x00", b"/\x01", b"/a\tb",
    b"/%0d%0aSet-Cookie:%20a=b", b"/sign-in?lang=%0d%0aSet-Cookie:a=b", b"//evil.example/", b"/\\evil.example",
    b"http://127.0.0.1/livez", b"http://evil.example/livez", b"https://evil.example/sign-in", b"http://evil.example",
    b"http://[::1", b"http://user:word@127.0.0.1/", b"javascript:alert(1)", b"file:///etc/passwd", b"*", b"", b"x", b"?", b"#",
    b"/#fragment", b"/api/locate?lng=1&lng=2&" + b"x=1&" * 1_500, b"/;", b"/api/board;x=1", b"/api/live?after=%ff",
)  # fmt: skip
"""Targets of a request, as they go over the wire."""

HEADERS: dict[str, bytes] = {
    "10,000 headers": HEAD + b"".join(b"X-%d: y\r\n" % number for number in range(10_000)),
    "101 headers": HEAD + b"".join(b"X-%d: y\r\n" % number for number in range(101)),
    "the same header 90 times": HEAD + b"Accept-Language: en\r\n" * 90,
    "90 cookies": HEAD + (COOKIE + b"x\r\n") * 90,
    "a header of 60,000 bytes": HEAD + b"X: " + b"y" * 60_000 + b"\r\n",
    "a header of 200,000 bytes": HEAD + b"X: " + b"y" * 200_000 + b"\r\n",
    "a name of 200,000 bytes": HEAD + b"X" * 200_000 + b": y\r\n",
    "a cookie of 60,000 bytes": HEAD + COOKIE + b"x" * 60_000 + b"\r\n",
    "a cookie of 200,000 bytes": HEAD + COOKIE + b"x" * 200_000 + b"\r\n",
    "a cookie of 10,000 pairs": HEAD + b"Cookie: " + b"a=b; " * 10_000 + b"\r\n",
    "a cookie of quotes": HEAD + b'Cookie: wangge_key="' + b'\\"' * 2_000 + b"\r\n",
    "a cookie that is no UTF-8": HEAD + COOKIE + b"\xff\xfe\r\n",
    "a cookie without a name": HEAD + b"Cookie: =x; ;;; = ; wangge_key\r\n",
    "a cookie with octal numbers": HEAD + b'Cookie: wangge_key="\\000\\777\\012"; wangge_lang="\\303\\050"\r\n',
    "a NUL in a value": HEAD + b"X: a\x00b\r\n",
    "a NUL in a name": HEAD + b"X\x00Y: b\r\n",
    "a bare CR": HEAD + b"X: a\rSet-Cookie: b\r\n",
    "a bare LF": HEAD + b"X: a\nY: b\r\n",
    "a folded line": HEAD + b"X: a\r\n b\r\n",
    "a space before the colon": HEAD + b"X : a\r\n",
    "no colon": HEAD + b"X\r\n",
    "no name": HEAD + b": x\r\n",
    "a token that is no UTF-8": HEAD + b"Authorization: Bearer \xff\xfe\r\n",
    "a token of 60,000 bytes": HEAD + b"Authorization: Bearer " + b"x" * 60_000 + b"\r\n",
    "two tokens": HEAD + b"Authorization: Bearer x\r\nAuthorization: Bearer y\r\n",
    "no host": b"Connection: close\r\n",
    "two hosts": HEAD + b"Host: evil.example\r\n",
    "an empty host": b"Host:\r\nConnection: close\r\n",
    "a host that is none": b"Host: [::1\r\nConnection: close\r\n",
    "a host with a path": b"Host: evil.example/../..\r\nConnection: close\r\n",
    "a host of 5,000 bytes": b"Host: " + b"x" * 5_000 + b"\r\nConnection: close\r\n",
    "a host that is no ASCII": b"Host: \xe7\xbd\x91.example:\xff\r\nConnection: close\r\n",
    "a foreign host": b"Host: evil.example:99999\r\nConnection: close\r\n",
    "two lengths": HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n",
    "a length below nothing": HEAD + b"Content-Length: -1\r\n",
    "a length beyond all": HEAD + b"Content-Length: 99999999999999999999\r\n",
    "length and chunks": HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "chunks of another kind": HEAD + b"Transfer-Encoding: gzip, chunked, identity\r\n",
    "an upgrade": b"Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n",
    "an upgrade to HTTP/2": b"Host: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
    "a forwarding": HEAD + b"X-Forwarded-For: \xff, unknown, 1.2.3.4.5, [::1\r\nX-Forwarded-Proto: javascript\r\n",
    "another method": HEAD + b"X-HTTP-Method-Override: DELETE\r\n",
    "an odd range": HEAD + b"Range: bytes=-9999999999999999999,0-,5-1,x\r\n",
    "odd conditions": HEAD + b"If-None-Match: \xff\r\nIf-Modified-Since: yesterday\r\nIf-Range: x\r\n",
    "an odd language": HEAD + b"Accept-Language: \x80;q=NaN, *;q=-1, " + b"," * 5_000 + b"\r\n",
    "an odd encoding": HEAD + b"Accept-Encoding: br;q=x, \xff\r\nContent-Type: application/json; charset=\xff\r\n",
}  # fmt: skip
"""Heads of a request, each with the blank line to come."""

REPORTING = b"POST /api/incidents HTTP/1.1\r\n" + HEAD
BEGINNINGS: dict[str, bytes] = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "NUL bytes": b"\x00" * 1_000,
    "noise": bytes(range(256)) * 10,
    "HTTP/0.9": b"GET /\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/9.9": b"GET / HTTP/9.9\r\n" + HEAD + b"\r\n",
    "no version": b"GET /livez \r\n" + HEAD + b"\r\n",
    "no method": b" / HTTP/1.1\r\n" + HEAD + b"\r\n",
    "an unknown method": b"BREW /livez HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a method in small letters": b"get /livez HTTP/1.1\r\n" + HEAD + b"\r\n",
    "CONNECT": b"CONNECT evil.example:443 HTTP/1.1\r\n" + HEAD + b"\r\n",
    "TRACE": b"TRACE /livez HTTP/1.1\r\n" + HEAD + b"\r\n",
    "OPTIONS of all": b"OPTIONS * HTTP/1.1\r\n" + HEAD + b"\r\n",
    "a method of 200,000 bytes": b"G" * 200_000,
    "a target that never ends": b"GET /" + b"x" * 500_000,
    "a head that never ends": b"GET / HTTP/1.1\r\n" + HEAD + b"X: y\r\n" * 50_000,
    "a header that never ends": b"GET / HTTP/1.1\r\n" + HEAD + b"X: " + b"y" * 500_000,
    "bare LF all the way": b"GET /livez HTTP/1.1\nHost: x\nConnection: close\n\n",
    "a smuggled request": b"POST /sign-in HTTP/1.1\r\n" + HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5c\r\nGPOST / HTTP/1.1\r\nContent-Length: 15\r\n\r\nx=1\r\n0\r\n\r\n",
    "chunks that are none": REPORTING + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n0\r\n\r\n",
    "a chunk of a giant": REPORTING + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff0\r\nx",
}  # fmt: skip
"""What comes over the wire where a request should."""

REQUESTS: dict[str, bytes] = (
    {f"path {target[:40]!r} {len(target)}": _get(target) for target in PATHS}
    | {f"head: {what}": _get(b"/api/board", head) for what, head in HEADERS.items()}
    | {f"page, head: {what}": _get(b"/sign-in", head) for what, head in HEADERS.items()}
    | {f"file, head: {what}": _get(b"/static/icon.svg", head) for what, head in HEADERS.items()}
    | BEGINNINGS
)


FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
_PART = b'--b\r\nContent-Disposition: form-data; name="login"'
FORMS: dict[str, tuple[str, bytes]] = {
    "nothing": (FORM, b""),
    "no names": (FORM, b"&&&===&;"),
    "NUL": (FORM, b"login=%00&password=%00"),
    "bytes that are no UTF-8": (FORM, b"login=%ff%fe&password=\xff\xfe"),
    "surrogates": (FORM, b"login=%ed%a0%80&password=%ed%a0%80"),
    "the same field 900 times": (FORM, b"login=x&password=y&" * 900),
    "10,000 fields": (FORM, b"".join(b"f%d=x&" % number for number in range(10_000))),
    "a login of 100,000 letters": (FORM, b"login=" + b"x" * 100_000 + b"&password=y"),
    "a password of 100,000 letters": (FORM, b"login=x&password=" + b"y" * 100_000),
    "a megabyte of percent signs": (FORM, b"%" * 1_000_000),
    "two megabytes": (FORM, b"login=" + b"x" * 2_000_000),
    "JSON": ("application/json", b'{"login": "x", "password": "y"}'),
    "SQL": (FORM, b"login=x'%20OR%201=1--&password='%20OR%20''='"),
    "a login with line ends": (FORM, b"login=x%0d%0aSet-Cookie:%20a=b&password=y"),
    "an odd seat": (FORM, b"seat=%00%ff"),
    "no parts": (PARTS, b""),
    "a part that never ends": (PARTS, _PART + b"\r\n\r\nx"),
    "a file as the login": (PARTS, _PART + b'; filename="x"\r\n\r\nx\r\n--b--\r\n'),
    "2,000 parts": (PARTS, (_PART + b"\r\n\r\nx\r\n") * 2_000 + b"--b--\r\n"),
    "a part with 10,000 headers": (PARTS, _PART + b"\r\nX: y" * 10_000 + b"\r\n\r\nx\r\n--b--\r\n"),
    "no boundary": ("multipart/form-data", _PART + b"\r\n\r\nx\r\n--b--\r\n"),
    "a boundary of 5,000 bytes": (f"multipart/form-data; boundary={'b' * 5_000}", b"--b--"),
    "another character set": (f"{FORM}; charset=utf-7", b"login=+ADw-&password=x"),
}
"""Bodies of a form, with their kind."""
