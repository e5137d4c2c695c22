# Ein Test Schritt für Schritt: was wir taten, was der Absender tat, was daraus folgt.

step-did-accepted = Wir haben die Verbindung angenommen.
step-did-withheld = Wir haben keine Verschlüsselung angeboten.
step-did-offered = Wir haben Verschlüsselung angeboten.
step-did-shown = Wir haben Verschlüsselung angeboten und uns als Server { $number } ({ $host }) mit { $certificate }.
step-shown-sound = einem Zertifikat ausgewiesen, das DANE und MTA-STS erlauben
step-shown-dane = einem Zertifikat ausgewiesen, das DANE erlaubt und MTA-STS verbietet
step-shown-mta-sts = einem Zertifikat ausgewiesen, das MTA-STS erlaubt und DANE verbietet
step-shown-neither = einem Zertifikat ausgewiesen, das DANE und MTA-STS verbieten
step-shown-bare = einem gültigen Zertifikat ausgewiesen, über das diese Domain nichts veröffentlicht
step-did-unnamed-a = Wir haben Verschlüsselung angeboten; weil in TLS kein Server genannt war, haben wir ein selbstsigniertes Zertifikat gezeigt.
step-did-unnamed-b = Wir haben Verschlüsselung angeboten; weil in TLS kein Server genannt war, haben wir ein gültiges Zertifikat für alle Server gezeigt.
step-did-question = Unser DNS hat geantwortet ({ $rcode }).
step-did-fetch = Unser Server für die Richtlinie stand bereit.
step-did-silence = Wir haben auch darauf geachtet, was ausblieb.

step-seen-mail-in-clear = { $count ->
    [0] Ihr Server hat eine Mail unverschlüsselt geschickt: { $answer }.
   *[other] Ihr Server hat die Mail an { $domains } unverschlüsselt geschickt: { $answer }.
}
step-seen-mail-in-tls = { $count ->
    [0] Ihr Server hat eine Mail über { $version } geschickt: { $answer }.
   *[other] Ihr Server hat die Mail an { $domains } über { $version } geschickt: { $answer }.
}
step-seen-left-without-mail = Ihr Server ist gegangen, ohne eine Mail zu schicken.
step-seen-refused-certificate = Ihr Server hat es abgelehnt und keine Mail geschickt ({ $how }).
step-seen-our-limit = TLS ist gescheitert, weil unser Server nicht beherrscht, was Ihrer anbot.
step-seen-tls-failed = TLS ist gescheitert ({ $reason }).
step-seen-no-mail-in-tls = Ihr Server hat uns in TLS begrüßt und keine Mail geschickt.
step-seen-aborted = Die Verbindung endete ohne Mail.
step-seen-open = Die Verbindung ist noch nicht beendet, soweit wir wissen.
step-seen-question = Ein Resolver fragte: { $question }.
step-seen-fetch = Die Richtlinie wurde abgefragt: { $fetch }.
step-seen-passed-by = Mail an eine Domain, die nichts veröffentlicht, blieb aus, wo sie gekommen wäre.

step-no-control = Dass keine Mail kam, zählt erst, wenn dort Mail ankommt, wo alles in Ordnung ist.
step-foreign = Das entscheidet nichts, denn es gehört vielleicht zu einem anderen Absender oder Test.
step-fallback = Verschlüsselung war hier angeboten und zuvor gescheitert: Ihr Server verschickt dann doch unverschlüsselt, wie auch immer er eingestellt ist.
step-lax-delivery = Diesen Server hatte Ihr Server zuvor abgelehnt, jetzt beliefert er ihn: Beim erneuten Versuch gibt er die Prüfung auf.
step-visit = Daraus folgt nichts: Sonst schickt Ihr Server hierher Mail, er hat also nur nachgesehen.
step-sound-refused = An diesem Server war nichts falsch: Andere Ablehnungen verraten ihren Grund also nicht. Wahrscheinlich kennt Ihr Server die Zertifizierungsstelle nicht.
step-our-limit = Daraus folgt nichts: Das ist unsere Grenze, nicht Ihre Einstellung.
step-failed = Daraus folgt nichts: TLS kann aus vielen Gründen scheitern.
step-shows-nothing = Daraus folgt nichts.
step-alike = Dasselbe war in Verbindung { $number } zu sehen und zählt schon.
step-after-verdict = Das kam nach dem Ergebnis und wird nicht mehr gewertet.
step-beyond = Es war so viel zu sehen, dass nicht jede Verbindung einzeln erklärt wird; im Ergebnis zählt auch diese.
step-counts-now = { $count ->
    [one] Ab hier zählt auch Verbindung { $list }.
   *[other] Ab hier zählen auch die Verbindungen { $list }.
}
step-laxer = Dasselbe hatte Ihr Server zuvor abgelehnt: Entweder ist er beim erneuten Versuch nachgiebiger, oder die Ablehnung galt etwas anderem.
step-would-send-in-clear = die Mail unverschlüsselt geschickt
step-would-leave = keine Mail geschickt
step-would-avoid = dort nichts abgeliefert
step-would-encrypt = die angebotene Verschlüsselung genutzt
step-would-refuse = das Zertifikat abgelehnt
step-would-take = das Zertifikat akzeptiert
step-would-name = den Server in TLS genannt
step-would-not-name = den Server in TLS nicht genannt
step-excluded = { $count ->
    [one] { $terms } ist ausgeschlossen, denn ein solcher Server hätte { $would }.
   *[other] { $terms } sind ausgeschlossen, denn solche Server hätten { $would }.
}
step-excluded-plain = { $count ->
    [one] { $terms } ist ausgeschlossen, denn das passt nicht zu allem, was zu sehen war.
   *[other] { $terms } sind ausgeschlossen, denn das passt nicht zu allem, was zu sehen war.
}
step-excluded-silence = { $count ->
    [one] { $terms } ist ausgeschlossen, denn was dazu nötig ist, blieb aus.
   *[other] { $terms } sind ausgeschlossen, denn was dazu nötig ist, blieb aus.
}
step-returned = { $count ->
    [one] { $terms } ist wieder möglich, denn frühere Verbindungen erscheinen nun in anderem Licht.
   *[other] { $terms } sind wieder möglich, denn frühere Verbindungen erscheinen nun in anderem Licht.
}
step-proved-dane = Das beweist DANE: Nichts anderes, was noch möglich ist, erklärt die Ablehnung.
step-proved-mta-sts = Das beweist MTA-STS: Nichts anderes, was noch möglich ist, erklärt die Ablehnung.
step-nothing-new = Das passt zu dem, was schon bekannt war: Es schließt nichts weiter aus.
step-left-none = Keine einzelne Einstellung passt mehr zu allem.
step-left-one = Nur { $term } bleibt übrig.
step-left-few = Noch möglich: { $terms }.
step-left-many = Möglich sind noch { $count } Einstellungen in { $ways } Varianten.
step-follows-route = Das führt zu unseren Servern; sonst folgt daraus nichts.
step-follows-tlsa = Wer DANE nutzt, fragt danach; andere tun es vielleicht auch. Ob die Antwort beachtet wird, zeigen nur Verbindungen.
step-follows-policy-record = Wer MTA-STS nutzt, fragt danach; andere tun es vielleicht auch. Ob die Richtlinie beachtet wird, zeigen nur Verbindungen.
step-follows-fetch = Wer die Richtlinie abgerufen hat, kennt sie von hier an. Ob sie beachtet wird, zeigen nur Verbindungen.
step-follows-other = Daraus folgt nichts.

awaited-window = Bis { $time } bieten wir Ihrem Server keine Verschlüsselung an, um zu sehen, was er dann tut.
awaited-window-again = Wenn Ihr Server das nächste Mal kommt, bieten wir ihm noch einmal keine Verschlüsselung an, um zu sehen, was er dann tut.
awaited-other-address = Bis { $time } kann noch Mail an die andere Testadresse folgen.
awaited-message = Wir warten auf eine Mail, die vollständig ankommt.
awaited-attempts = Wir warten auf weitere Versuche, denn was bisher zu sehen war, passt nicht zusammen.
awaited-proof = { $count ->
    [one] Wir warten, bis Ihr Server { $servers } erreicht: Erst eine Ablehnung dort würde beweisen, worauf alles hindeutet.
   *[other] Wir warten, bis Ihr Server einen von { $count } Servern erreicht ({ $list }): Erst eine Ablehnung dort würde beweisen, worauf alles hindeutet.
}
awaited-proof-any = Wir warten auf das, was beweisen würde, worauf alles hindeutet.
awaited-retry = Wir warten, bis Ihr Server zu dem zurückkommt, was er abgelehnt hat, um zu sehen, ob er streng bleibt.
awaited-explanation = Wir warten auf eine Erklärung für manche Verbindungen: Ein anderer Ihrer Server ist vielleicht strenger als der, dessen Mail ankam.
awaited-servers = Wir warten darauf, was Ihr Server hier tut: { $servers }.
awaited-servers-any = Wir warten auf mehr von dem, was Ihr Server tut.
awaited-cases = { $count ->
    [one] Wir warten darauf, was aus der Mail an diesen Fall wird: { $list }.
   *[other] Wir warten darauf, was aus der Mail an diese Fälle wird: { $list }.
}
awaited-deadline = Der Test endet spätestens am { $time }.
