"""Provisional recogniser child: JSON lines with base64 audio."""
import base64, json, os, sys
def main():
    kind = sys.argv[1]
    out = os.fdopen(os.dup(1), "w"); os.dup2(2, 1)
    from pocketsphinx import Decoder, set_loglevel
    set_loglevel("FATAL")
    d = Decoder(lm=None, bestpath=False, fwdflat=False, wip=0.05) if kind == "grammar" else Decoder(bestpath=False, fwdflat=False)
    def say(**k): out.write(json.dumps(k) + "\n"); out.flush()
    for w, p in (("mm-hm", "M HH M"), ("mhm", "M HH M"), ("uh-huh", "AH HH AH")):
        if d.lookup_word(w) is None: d.add_word(w, p, False)
    say(t="ready"); known = set(); live = False; last = ""; want = ""
    for line in sys.stdin:
        m = json.loads(line); t = m["t"]
        if t == "expect" and kind == "grammar":
            want = m["name"]
            if want and want not in known:
                for w, p in m["sounds"].items():
                    if d.lookup_word(w) is None and p: d.add_word(w, p, False)
                import re
                body = m["grammar"].split(";", 2)[-1]
                bad = [w for w in set(re.findall(r"(?<![<\w])[a-z'][a-z'-]*", re.sub(r"<[^>]*>", " ", body))) if w not in ("public","grammar") and d.lookup_word(w) is None]
                if bad: 
                    import subprocess
                    for w in bad:
                        ph = subprocess.run(["flite", "-ps", "-t", w, "-o", "none"], capture_output=True, text=True).stdout.split()
                        mp = {"ax": "AH", "axr": "ER", "ix": "IH", "nx": "N", "dx": "T", "el": "AH L", "em": "AH M", "en": "AH N"}
                        d.add_word(w, " ".join(mp.get(p, p.upper()) for p in ph if p != "pau"), False)
                d.add_jsgf_string(want, m["grammar"]); known.add(want)
        elif t == "begin":
            if live: d.end_utt()
            if kind == "grammar":
                live = bool(want)
                if live: d.activate_search(want); d.start_utt()
            else: d.start_utt(); live = True
            last = ""
        elif t == "pcm":
            if live:
                d.process_raw(base64.b64decode(m["b"]), False, False); h = d.hyp(); s = h.hypstr if h else ""
                if s != last: say(t="partial", s=s); last = s
            say(t="ack")
        elif t == "end":
            s, sc, n = "", 0, 1
            if live:
                d.end_utt(); h = d.hyp(); live = False
                if h: s, sc = h.hypstr, h.score
                n = d.n_frames()
            say(t="final", s=s, score=sc, n=n)
main()
