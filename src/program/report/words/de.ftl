# Was auf Deutsch gesagt wird. Die Texte und ihre Namen entsprechen denen in en.ftl.
# Kein Text darf mehr behaupten als der Befund, für den er steht. Ein Fachwort wird erklärt, wo es zuerst vorkommt.

servers = { $count ->
    [one] Server { $list }
   *[other] die Server { $list }
}
sender = { $more ->
    [0] { $named }
    [one] { $named } und eine weitere Adresse
   *[other] { $named } und { $more } weitere Adressen
}

### Die Antwort

about = Mailassay zur Mail von { $domain } vom { $day }
for-administrators = Für alle, die Ihren Mailserver verwalten

# Nach der Domain und einem Doppelpunkt: beides zusammen hat höchstens 100 Zeichen.
subject-none = Mail wird unverschlüsselt verschickt (none)
subject-may = Mail ist nur verschlüsselt, solange niemand stört (may)
subject-may-and-sni = Mail ist nur verschlüsselt, solange niemand stört (may+sni)
subject-may-and-verify = Mail ist nur verschlüsselt, solange niemand stört (may+verify)
subject-encrypt = Mail immer verschlüsselt, Gegenüber nicht geprüft (encrypt)
subject-encrypt-and-sni = Mail immer verschlüsselt, Gegenüber nicht geprüft (encrypt+sni)
subject-verify = Mail immer verschlüsselt, Zertifikate geprüft (verify)
subject-verify-and-sni = Mail immer verschlüsselt, Zertifikate geprüft (verify+sni)
subject-dane = { $clear-ut ->
    [practised] DANE schützt die Mail, ohne DANE war sie unverschlüsselt (dane)
    [not-practised] DANE schützt die Mail, nichts war unverschlüsselt (dane)
   *[other] DANE schützt die Mail (dane)
}
subject-dane-only = Mail wird nur verschickt, wo DANE sie schützt (dane-only)
subject-mta-sts = { $dane ->
    [broken] MTA-STS schützt die Mail, hebelt aber DANE aus (mta-sts)
   *[other] { $clear-ut ->
        [practised] MTA-STS schützt die Mail, sonst war sie unverschlüsselt (mta-sts)
        [not-practised] MTA-STS schützt die Mail, nichts war unverschlüsselt (mta-sts)
       *[other] MTA-STS schützt die Mail (mta-sts)
    }
}
subject-dane-and-mta-sts = { $clear-ut ->
    [practised] DANE und MTA-STS schützen, sonst unverschlüsselt (dane+mta-sts)
    [not-practised] DANE und MTA-STS schützen, nichts unverschlüsselt (dane+mta-sts)
   *[other] DANE und MTA-STS schützen die Mail (dane+mta-sts)
}
subject-per-destination = { $terms ->
    [per-destination] Wie Mail geschützt ist, hängt vom Ziel ab
   *[other] Wie Mail geschützt ist, hängt vom Ziel ab ({ $terms })
}
subject-undone-falls-back-to-clear-text = { $mandatory ->
    [broken] verlangt Verschlüsselung, sendet bei Fehlern aber unverschlüsselt
   *[other] prüft Server, sendet bei Fehlern aber unverschlüsselt
}
subject-undone-laxer-on-retry = prüft Server, gibt das beim erneuten Versuch aber auf
subject-sound-refused = lehnt selbst einwandfreie Server ab, Mail bleibt liegen
subject-undecided = Einstellung nicht eindeutig ({ $terms })
subject-unknown = Wie Mail geschützt ist, war nicht zu erkennen
subject-unjudged = der Test ließ sich nicht auswerten, durch unseren Fehler
subject-contradiction = Wie Mail geschützt ist, ist widersprüchlich
subject-apart = schwächster Server – { $subject }
subject-receives-badly = { $subject }; Empfang schlecht
subject-open = bisher: { $subject }

answer-none = Ihr Mailserver ({ $sender }) verschickt Mail unverschlüsselt, auch an Server, die Verschlüsselung anbieten.
meaning-none = Wer an der Leitung sitzt, kann Ihre Mail unbemerkt lesen und verändern.
answer-may = Ihr Mailserver ({ $sender }) verschlüsselt Mail, wenn der empfangende Server das anbietet, und verschickt sie unverschlüsselt, wenn das Angebot fehlt.
meaning-may = Wer an der Leitung sitzt, kann das Angebot entfernen oder sich als Empfänger ausgeben und Ihre Mail lesen.
answer-may-and-sni = { answer-may }
meaning-may-and-sni = { meaning-may }
answer-may-and-verify = Ihr Mailserver ({ $sender }) besteht auf einem gültigen Zertifikat (dem Ausweis des Servers), wenn der empfangende Server Verschlüsselung anbietet, und verschickt Mail unverschlüsselt, wenn das Angebot fehlt.
meaning-may-and-verify = Wer an der Leitung sitzt, kann das Angebot entfernen und Ihre Mail lesen.
answer-encrypt = Ihr Mailserver ({ $sender }) verschickt keine Mail unverschlüsselt, prüft aber nicht, mit wem er spricht.
meaning-encrypt = Wer nur mithört, erfährt nichts; wer sich als Empfänger ausgeben kann, liest Ihre Mail trotzdem.
answer-encrypt-and-sni = { answer-encrypt }
meaning-encrypt-and-sni = { meaning-encrypt }
answer-verify = Ihr Mailserver ({ $sender }) verschickt Mail nur verschlüsselt und nur an Server, deren Zertifikat (der Ausweis des Servers) von einer bekannten Zertifizierungsstelle stammt.
meaning-verify = DANE und MTA-STS, mit denen ein Empfänger sagt, welche Server die seinen sind, beachtet er nicht.
answer-verify-and-sni = { answer-verify }
meaning-verify-and-sni = { meaning-verify }
answer-dane = Ihr Mailserver ({ $sender }) nutzt DANE: Veröffentlicht ein Empfänger in signiertem DNS, welche Zertifikate seine Server haben, so wird Ihre Mail nur verschlüsselt verschickt und nur an einen Server mit einem solchen Zertifikat.
meaning-dane = { $clear-ut ->
    [practised] Wo ein Empfänger nichts veröffentlicht, hat Ihr Server die Mail unverschlüsselt verschickt, sobald keine Verschlüsselung angeboten wurde.
    [not-practised] Auch wo ein Empfänger nichts veröffentlicht, hat Ihr Server nichts unverschlüsselt verschickt.
   *[other] Ob Ihr Server unverschlüsselt verschickt, wo ein Empfänger nichts veröffentlicht, war nicht zu erkennen.
}
answer-dane-only = Ihr Mailserver ({ $sender }) verschickt Mail nur an Empfänger mit DANE, die also in signiertem DNS veröffentlichen, welche Zertifikate ihre Server haben: nur verschlüsselt und nur an einen Server mit einem solchen Zertifikat.
meaning-dane-only = Alle anderen Empfänger, und das sind die meisten, erhalten von ihm keine Mail.
answer-mta-sts = Ihr Mailserver ({ $sender }) nutzt MTA-STS: Veröffentlicht ein Empfänger eine Richtlinie, die seine Server nennt, so wird Ihre Mail nur verschlüsselt verschickt und nur an Server, die darin stehen und deren Zertifikat gültig ist.
meaning-mta-sts = { $dane ->
    [broken] Auch DANE (Zertifikate in signiertem DNS) kennt er, setzt es aber außer Kraft, wo es eine solche Richtlinie gibt; das verbietet der Standard.
   *[other] { meaning-dane }
}
answer-dane-and-mta-sts = Ihr Mailserver ({ $sender }) nutzt DANE und MTA-STS: Veröffentlicht ein Empfänger seine Zertifikate in signiertem DNS oder eine Richtlinie, die seine Server nennt, so wird Ihre Mail nur verschlüsselt verschickt und nur an den richtigen Server.
meaning-dane-and-mta-sts = { meaning-dane }
answer-per-destination = { $terms ->
    [per-destination] Ihr Mailserver ({ $sender }) behandelt nicht alle Ziele gleich. Was er für jedes tut, ließ sich nicht ganz klären.
   *[other] Ihr Mailserver ({ $sender }) behandelt nicht alle Ziele gleich: { $each }.
}
meaning-per-destination = Was für den einen Empfänger gilt, sagt also nichts über den nächsten.
per-destination-each = { $term } für { $domain }
answer-undone-falls-back-to-clear-text = { $mandatory ->
    [broken] Ihr Mailserver ({ $sender }) verlangt Verschlüsselung, hat die Mail aber doch unverschlüsselt verschickt, nachdem eine Prüfung des empfangenden Servers gescheitert war.
   *[other] Ihr Mailserver ({ $sender }) prüft empfangende Server ({ $terms }), hat die Mail aber doch unverschlüsselt verschickt, nachdem eine Prüfung gescheitert war.
}
meaning-undone-falls-back-to-clear-text = Damit schützt die Prüfung nicht: Wer Ihre Mail lesen will, muss sie nur scheitern lassen.
answer-undone-laxer-on-retry = Ihr Mailserver ({ $sender }) prüft empfangende Server ({ $terms }), hat die Mail aber bei einem späteren Versuch an einen Server verschickt, den er zuvor abgelehnt hatte.
meaning-undone-laxer-on-retry = Damit schützt die Prüfung nicht: Wer Ihre Mail lesen will, braucht nur Geduld.
answer-sound-refused = Ihr Mailserver ({ $sender }) lehnt selbst einen Server ab, dessen Zertifikat (der Ausweis des Servers) gültig ist und zu dem passt, was die Domain veröffentlicht: Wahrscheinlich kennt er die Zertifizierungsstelle nicht.
meaning-sound-refused = Mail an viele einwandfreie Server bleibt liegen und kommt schließlich zurück, und keine andere Ablehnung verrät ihren Grund.
answer-undecided = Wie Ihr Mailserver ({ $sender }) Mail schützt, ließ sich nicht ganz klären: Was zu sehen war, passt zu mehreren Einstellungen ({ $terms }).
meaning-undecided = { $clear-et ->
    [practised] Sicher ist: Er verschickt Mail unverschlüsselt, wenn keine Verschlüsselung angeboten wird.
    [not-practised] Sicher ist: An einen Empfänger, der Verschlüsselung verlangt, hat er nichts unverschlüsselt verschickt.
   *[other] Was sicher ist und was nicht, steht weiter unten.
}
answer-unknown = Wie Ihr Mailserver ({ $sender }) Mail schützt, war nicht zu erkennen: Es war zu wenig zu sehen.
meaning-unknown = Das spricht weder für noch gegen ihn.
answer-contradiction = Was von Ihrem Mailserver ({ $sender }) zu sehen war, passt nicht zusammen: Keine Einstellung erklärt alles davon.
meaning-contradiction = { $several ->
    [yes] Oft sind mehrere Server verschieden eingestellt, die dieselbe Mail verschicken. Was trotzdem sicher ist, steht weiter unten.
   *[no] Was trotzdem sicher ist, steht weiter unten.
}
answer-unjudged = Dieser Test Ihres Mailservers ({ $sender }) ließ sich nicht auswerten: Unser Programm ist daran gescheitert. Das ist unser Fehler und sagt nichts über Ihren Server.
meaning-unjudged = Im Log unseres Betreibers steht es. Eine neue Mail ist ein neuer Test.
answer-apart = Ihre Mail kommt von mehreren Servern, die sich nicht gleich verhalten. { $answer }
meaning-apart = Das ist der schwächste; eine Mail kann jeden davon nehmen. Was jeder tut, steht weiter unten.
answer-our-fault = Ein Teil dieses Tests ist gescheitert, weil bei uns etwas nicht stimmte, nicht bei Ihnen: Dieser Teil bleibt offen.
answer-open = Der Test läuft noch; dies ist der bisherige Stand.
answer-expired = Der Test hat so lange gewartet, wie er darf, und endete mit dem, was bis dahin bekannt war.
answer-link = Alles, was zu sehen war:
answer-link-page = Die Adresse dieser Seite:

term-postfix = Die Einstellung, wie Postfix sie nennt: { $terms }.
term-other = Die Einstellung in der Art von Postfix: { $terms }.
term-candidates = Einstellungen, zu denen alles passt: { $terms }.
term-contradiction = Keine Einstellung passt zu allem, was zu sehen war.
term-unknown = Fast jede Einstellung passt zu dem, was zu sehen war.

### Die Tabelle der Verfahren

sending-title = Versand
sending-intro = { $term } Von den Testdomains verlangt { $et } („et“) Verschlüsselung durch DANE (Zertifikate in signiertem DNS) und MTA-STS (eine Richtlinie, die ihre Server nennt); { $ut } („ut“) veröffentlicht nichts davon. { "✔" } schützt, { "✘" } schützt nicht, { "–" } weder noch, { "?" } offen.
result-yes = ja
result-no = nein
result-broken = unwirksam
result-unseen = nicht zu sehen
result-open = nicht zu erkennen
label-clear-text-et = Nichts unverschlüsselt, wo Verschlüsselung verlangt ist (et)
label-clear-text-ut = Nichts unverschlüsselt, wo nichts veröffentlicht ist (ut)
label-mandatory-tls = Verschlüsselung von jedem Server verlangt
label-certificate-checking = Zertifikate geprüft, wo nichts veröffentlicht ist
label-dane = DANE
label-mta-sts = MTA-STS
label-sni = Nennt in TLS den gewünschten Server (SNI)
label-laxer-on-retry = Bleibt bei erneuten Versuchen streng
label-falls-back-to-clear-text = Bleibt verschlüsselt, wenn Verschlüsselung (TLS) scheitert
label-refuses-sound-server = Akzeptiert das Zertifikat eines einwandfreien Servers
label-message = Mail signiert und autorisiert
label-retries = Bleibt bei neuen Versuchen streng und verschlüsselt

shown-clear = { $count ->
    [one] { $servers } hat die Mail unverschlüsselt erhalten
   *[other] { $servers } haben die Mail unverschlüsselt erhalten
}
shown-delivered = { $count ->
    [one] { $servers } hat die Mail verschlüsselt erhalten
   *[other] { $servers } haben die Mail verschlüsselt erhalten
}
shown-refused = { $count ->
    [one] { $servers } wurde abgelehnt
   *[other] { $servers } wurden abgelehnt
}
shown-left = { $count ->
    [one] eine Verbindung ohne angebotene Verschlüsselung endete ohne Mail
   *[other] { $count } Verbindungen ohne angebotene Verschlüsselung endeten ohne Mail
}
silence = Kein Anzeichen dafür, obwohl eines zu sehen gewesen wäre.
silence-dane = Nach TLSA-Einträgen, auf denen DANE beruht, wurde nicht gefragt.
silence-mta-sts = Nach der Richtlinie wurde nie gefragt.
silence-clear-text-ut = Für ut kam nie Mail, obwohl sie auch dorthin adressiert war und die für et kam.
reason-no-occasion = Es gab keine Gelegenheit, das zu sehen.
reason-no-occasion-retries = Nichts wurde abgelehnt und erneut versucht.
reason-no-occasion-laxer-on-retry = Kein abgelehnter Server wurde erneut versucht.
reason-no-occasion-falls-back-to-clear-text = Nach keinem gescheiterten TLS folgte ein neuer Versuch.
reason-before-policy = Unverschlüsselt kam Mail nur, bevor die Richtlinie abgerufen war, was RFC 8461 erlaubt; was danach geschieht, war nicht zu sehen.
reason-overridden = Ein Zertifikat, das DANE verbietet, wurde akzeptiert, weil MTA-STS es erlaubt.
reason-undone-falls-back-to-clear-text = Nach einer gescheiterten Prüfung wurde die Mail doch unverschlüsselt verschickt.
reason-undone-laxer-on-retry = Was zunächst abgelehnt wurde, hat die Mail beim nächsten Versuch doch erhalten.
reason-asked-for = Es wurde danach gefragt; ob es beachtet wird, zeigte sich nicht.
reason-asked-for-dane = Nach TLSA-Einträgen, auf denen DANE beruht, wurde gefragt; ob sie beachtet werden, zeigte sich nicht.
reason-asked-for-mta-sts = Nach der Richtlinie wurde gefragt; ob sie beachtet wird, zeigt sich nur, wo es kein DANE gibt.
reason-not-proved = Alles passt dazu, aber { $servers } { $count ->
    [one] wurde noch nicht abgelehnt; erst das würde es beweisen.
   *[other] wurden noch nicht abgelehnt; erst das würde es beweisen.
}
reason-not-proved-any = Alles passt dazu, aber nichts beweist es.
reason-sound-refused = Auch der einwandfreie Server wurde abgelehnt: Keine Ablehnung verrät also ihren Grund.
reason-not-met = { $servers } { $count ->
    [one] würde es zeigen,
   *[other] würden es zeigen,
} aber dort war nicht genug zu sehen.
reason-not-met-any = Wo es sich zeigen würde, war nicht genug zu sehen.
reason-no-control = { $servers } { $count ->
    [one] hat keine Mail erhalten,
   *[other] haben keine Mail erhalten,
} der einwandfreie Server aber auch nicht: Das beweist also nichts.
reason-not-addressed = Die Mail war nicht an { $domain } gerichtet.
reason-shared-source = Davon sprechen nur Verbindungen, die zu einem anderen Test oder zu einem anderen Server hinter derselben Adresse gehören können.
reason-our-fault = Unser Fehler, nicht Ihrer: { $what }
reason-not-judged = Unser Programm ist an diesem Test gescheitert: unser Fehler, nicht Ihrer.
reason-our-limit = TLS scheiterte, weil unser Server nicht beherrscht, was Ihrer anbot: unsere Grenze, nicht Ihre Einstellung.
reason-ambiguous = Weder die Verbindungen noch die DNS-Anfragen und Abrufe, die zu sehen waren, entscheiden es.
reason-contradiction = Was davon zu sehen war, widerspricht sich.
evidence-connections = { $count ->
    [one] Verbindung { $list }
   *[other] Verbindungen { $list }
}
evidence-names = { $count ->
    [one] DNS-Anfrage { $list }
   *[other] DNS-Anfragen { $list }
}
evidence-fetches = { $count ->
    [one] Abruf { $list }
   *[other] Abrufe { $list }
}

### Was die Zeilen bedeuten, wo dafür Platz ist

why-clear-text-et-practised = Als keine Verschlüsselung angeboten wurde, wurde die Mail an { $et } unverschlüsselt verschickt, obwohl diese Domain mit DANE und MTA-STS veröffentlicht, dass sie immer Verschlüsselung anbietet. Wer das Angebot unterwegs entfernt, liest die Mail.
why-clear-text-et-not-practised = Als keine Verschlüsselung angeboten wurde, wurde keine Mail an { $et } unverschlüsselt verschickt.
why-clear-text-ut-practised = Als keine Verschlüsselung angeboten wurde, wurde die Mail an { $ut } unverschlüsselt verschickt. Diese Domain veröffentlicht nichts, woraus Ihr Server es besser hätte wissen können; deshalb erlauben es die Standards. Wer das Angebot unterwegs entfernt, liest die Mail trotzdem.
why-clear-text-ut-not-practised = Keine Mail an { $ut } wurde unverschlüsselt verschickt, obwohl diese Domain nichts veröffentlicht, was Verschlüsselung verlangt.
why-mandatory-tls-practised = Ihr Server verlangt Verschlüsselung von jedem Server, was auch immer dieser veröffentlicht.
why-mandatory-tls-not-practised = Von Servern, die nichts veröffentlichen, verlangt Ihr Server keine Verschlüsselung.
why-certificate-checking-practised = Wo weder DANE noch MTA-STS gilt, akzeptiert Ihr Server nur ein Zertifikat, für das eine Zertifizierungsstelle (CA) bürgt.
why-certificate-checking-not-practised = { $term ->
    [none] Ihr Server verschlüsselt nicht und bekommt kein Zertifikat zu sehen.
    [dane-only] Ihr Server verschickt nur, wo DANE gilt, und braucht dafür keine Zertifizierungsstelle.
   *[other] Wo weder DANE noch MTA-STS gilt, akzeptiert Ihr Server jedes Zertifikat: Er weiß nicht, für wen er verschlüsselt.
}
why-dane-practised = Wo TLSA-Einträge veröffentlicht sind, akzeptiert Ihr Server nur ein Zertifikat, das zu ihnen passt.
why-dane-not-practised = Ihr Server prüft Zertifikate nicht gegen TLSA-Einträge. Vielleicht fragt er nicht nach ihnen, oder sein Resolver prüft DNSSEC nicht, sodass er sie nicht nutzen darf.
why-mta-sts-practised = Wo eine MTA-STS-Richtlinie gilt, verschickt Ihr Server Mail nur an Server, die darin stehen, und nur bei gültigem Zertifikat.
why-mta-sts-not-practised = Ihr Server richtet sich nicht nach MTA-STS-Richtlinien.
why-overridden = DANE und MTA-STS galten beide, und MTA-STS allein entschied. MTA-STS darf eine gescheiterte Prüfung nach DANE nicht aufheben.
why-undone-falls-back-to-clear-text = Wer die Mail lesen will, muss nur eine Prüfung scheitern lassen.
why-undone-laxer-on-retry = Wer die Mail lesen will, braucht nur Geduld.
why-sni-practised = Ihr Server nennt beim Aufbau von TLS den Server, den er erreichen will. DANE und MTA-STS brauchen das; sonst schadet es nicht.
why-sni-not-practised = { $term ->
    [none] Ihr Server verschlüsselt nicht und nennt deshalb auch in TLS keinen Server.
   *[other] Ihr Server nennt beim Aufbau von TLS nicht den Server, den er erreichen will. Ein Empfänger mit mehreren Namen zeigt dann vielleicht das falsche Zertifikat.
}
why-laxer-on-retry-practised = Ein Server, der zunächst abgelehnt wurde, hat die Mail bei einem späteren Versuch erhalten. Ein Angreifer braucht nur Geduld.
why-laxer-on-retry-not-practised = Kein abgelehnter Server hat die Mail bei einem späteren Versuch erhalten.
why-falls-back-to-clear-text-practised = Nachdem TLS gescheitert war, wurde die Mail unverschlüsselt an einen Server verschickt, der Verschlüsselung anbot. Ein Angreifer muss TLS nur stören.
why-falls-back-to-clear-text-not-practised = Nach gescheitertem TLS wurde keine Mail unverschlüsselt an einen Server verschickt, der Verschlüsselung anbot.
why-refuses-sound-server-practised = Das Zertifikat ist gültig, nennt den Server und passt zu dem, was die Domain veröffentlicht. In der Regel kennt Ihr Server die Zertifizierungsstellen nicht: Ihre Liste ist leer oder nicht lesbar.
why-refuses-sound-server-not-practised = Der Server mit einwandfreiem Zertifikat hat die Mail erhalten.
rfc-clear-text-et = RFC 7672 §2.2, RFC 8461 §5
rfc-clear-text-ut = RFC 3207 §6, RFC 7435
rfc-mandatory-tls = RFC 3207 §6
rfc-certificate-checking = RFC 3207 §4.1, RFC 9525
rfc-dane = RFC 7672 §2.2 und §3, RFC 6698
rfc-mta-sts = RFC 8461 §4 und §5; DANE hat Vorrang: §2
rfc-sni = RFC 6066 §3, RFC 7672 §8.1, RFC 8461 §7.1
rfc-laxer-on-retry = RFC 7672 §2.2, RFC 8461 §5.1
rfc-falls-back-to-clear-text = RFC 7435, RFC 3207 §6
rfc-refuses-sound-server = RFC 5280 §6, RFC 9525

apart-title = Jeder Server für sich
apart-intro = Was die Verbindungen jedes einzelnen zeigen:
apart-contradiction = widerspricht sich


### Was zu tun ist

advice-title = Was zu tun ist
advice-nothing = Nichts, was aus diesem Test folgt.
advice-elsewhere = Weitere Schritte und Einstellungen stehen im HTML-Teil und hinter dem Link.
advice-sound-refused = Geben Sie Ihrem Server die Liste der Zertifizierungsstellen
    .text = Er lehnt ein Zertifikat ab, das gültig ist und passt: Wahrscheinlich kennt er die CA nicht. Mail an einwandfreie Server bleibt liegen.
advice-fallback = Verschicken Sie nichts unverschlüsselt, nachdem TLS gescheitert ist
    .text = Lassen Sie die Mail lieber warten. Suchen Sie nach einer Einstellung wie dem erneuten Versuch ohne TLS, und schalten Sie sie ab.
advice-laxer = Beliefern Sie keinen Server, den Sie zuvor abgelehnt haben
    .text = Suchen Sie nach einer Einstellung, die das Prüfen nach einigen Versuchen aufgibt, und schalten Sie sie ab.
advice-dane-only = Nutzen Sie DANE, wo es veröffentlicht ist, und liefern Sie auch anderswohin
    .text = Jetzt erhalten die meisten Empfänger keine Mail von Ihnen: Was man ihnen schreibt, bleibt liegen und kommt zurück.
advice-starttls = Verschlüsseln Sie, wo es angeboten wird
    .text = Ihr Server hat TLS nie begonnen.
advice-dane = Nutzen Sie DANE
    .text = Dann kann niemand die Verschlüsselung entfernen oder sich als Empfänger ausgeben, wo dieser TLSA-Einträge veröffentlicht. Nötig ist auf demselben Server ein Resolver, der DNSSEC prüft.
advice-dane-too = Nutzen Sie auch DANE
    .text = Es braucht keine Zertifizierungsstelle und schützt schon die erste Mail. Nötig ist auf demselben Server ein Resolver, der DNSSEC prüft; MTA-STS muss ihm Domains mit TLSA-Einträgen überlassen.
advice-encrypt = Prüfen Sie, für wen Sie verschlüsseln: mit DANE und mit MTA-STS
    .text = Verschlüsselung allein hält niemanden auf, der sich als Empfänger ausgibt. DANE braucht auf demselben Server einen Resolver, der DNSSEC prüft.
advice-verify = Beachten Sie DANE und MTA-STS
    .text = Viele einwandfreie Server haben Zertifikate ohne Zertifizierungsstelle und veröffentlichen sie mit DANE; Mail an sie bleibt liegen und kommt zurück.
advice-sni = Nennen Sie in TLS den gewünschten Server (SNI)
    .text = Sonst zeigen Empfänger mit mehreren Namen vielleicht ein Zertifikat, das nicht passt, und die Mail bleibt liegen.
advice-mta-sts = Nutzen Sie auch MTA-STS
    .text = Es schützt Mail an Domains, die MTA-STS und kein DANE veröffentlichen. Domains mit TLSA-Einträgen muss es DANE überlassen.
advice-override = Geben Sie DANE den Vorrang
    .text = MTA-STS darf DANE nicht ersetzen. Nehmen Sie für MTA-STS einen Resolver, der Domains mit TLSA-Einträgen DANE überlässt.
advice-per-destination = Machen Sie die bessere Einstellung zu der für alle
    .text = Ein Ziel ist besser geschützt als das andere; geben Sie jedem mindestens das, oder nutzen Sie DANE.
advice-partners = Verlangen Sie Verschlüsselung von Partnern, die Sie kennen
    .text = Bei Empfängern, die weder DANE noch MTA-STS veröffentlichen, lässt sich unverschlüsselter Versand noch immer erzwingen.
advice-alike = Stellen Sie alle Server gleich ein, die Ihre Mail verschicken
    .text = Eine Mail ist nur so gut geschützt wie durch den schwächsten von ihnen.
advice-both-addresses = Schicken Sie eine Mail an beide Testadressen
    .text = de@{ $et } und de@{ $ut }: Erst beide zusammen zeigen alles.
advice-again = Schicken Sie die Mail noch einmal
    .text = An de@{ $et } und de@{ $ut }, in einer Mail; lassen Sie Ihren Server es so lange versuchen, wie er mag.
advice-dkim = Signieren Sie Ihre Mail mit DKIM (RFC 6376)
    .text = Empfänger erkennen eine signierte Mail auch nach einer Weiterleitung als Ihre.
advice-spf = Veröffentlichen Sie einen SPF-Eintrag (RFC 7208) für die Domain des Envelope-Absenders
    .text = Er sagt, welche Server Ihre Mail verschicken.
advice-dmarc = Veröffentlichen Sie einen DMARC-Eintrag (RFC 9989) für die Domain in From
    .text = Er sagt, was mit Mail geschieht, die nur vorgibt, Ihre zu sein.
advice-provider = Verwaltet ein Anbieter Ihren Mailserver? Bitten Sie ihn: „{ $request }“
system-dns = DNS-Zone
system-command = Befehl
system-opendkim = OpenDKIM (opendkim.conf)
system-postfix = Postfix
system-exim = Exim
system-sendmail = Sendmail (sendmail.mc)
system-exchange = Exchange Online
advice-provider-sending = Bitte nutzen Sie für ausgehende Mail DANE (RFC 7672) und MTA-STS (RFC 8461).
advice-provider-receiving = Für eingehende Mail: { $list }
# Was zu Produkten zu sagen ist, die keine Zeile brauchen oder keine haben.
note-dane = Exchange Online nutzt DANE von selbst. Exchange Server und Google Workspace können es nicht: Senden Sie über einen Server, der es kann. OpenSMTPD kennt kein DANE; es kann von allen geprüfte Zertifikate verlangen: action "out" relay tls.
note-mta-sts = Exchange Online und Google Workspace nutzen MTA-STS von selbst. Exchange Server, Exim und OpenSMTPD können es nicht: Senden Sie über einen Server, der es kann.

### Die Mail selbst

message-title = Die Mail selbst
message-intro = Was die Mail mitbrachte, um zu zeigen, dass sie von Ihnen ist.
message-passed = { $count } von 3 bestanden
message-how = DKIM: { $dkim }, SPF: { $spf }, DMARC: { $dmarc }.
message-all = DKIM, SPF, DMARC.
label-dkim = DKIM (RFC 6376)
label-spf = SPF (RFC 7208)
label-dmarc = DMARC (RFC 9989)
label-arc = ARC (RFC 8617)
dkim-none = keine Signatur
arc-sets = { $count ->
    [0] keine ARC-Felder
    [one] ein Satz ARC-Felder
   *[other] { $count } Sätze ARC-Felder
}
rfc8601-none = nicht vorhanden
rfc8601-pass = bestanden (pass)
rfc8601-fail = nicht bestanden (fail)
rfc8601-softfail = verdächtig (softfail)
rfc8601-neutral = ohne Aussage (neutral)
rfc8601-temperror = vorübergehender Fehler (temperror)
rfc8601-permerror = dauerhafter Fehler (permerror)

### Verbindungen

brief-title = Verbindungen
brief-intro = Zeiten in UTC. { $legend }
legend-starttls-withheld = { $number } ohne angebotene Verschlüsselung
legend-no-sni = { $number } in TLS nicht genannt
legend-sound = { $number } einwandfrei
legend-dane = { $number } richtig nur für DANE
legend-mta-sts = { $number } richtig nur für MTA-STS
legend-neither = { $number } falsch für DANE und MTA-STS
legend-bare = { $number } { $case }
brief-legend = Server: { $list }.
brief-tied = Mit *: keine Mail dieses Tests, aber dieselbe Adresse oder dasselbe Netz; mit **: vielleicht ein anderer Absender oder Test, entscheidet nichts.
brief-more = { $count ->
    [one] Eine weitere Verbindung steht hinter dem Link.
   *[other] { $count } weitere Verbindungen stehen hinter dem Link.
}
brief-server = Server { $number }
brief-host = Server { $number } ({ $host })
brief-as = { $server } als { $number }
brief-phase-a = selbstsigniert
brief-phase-b = gültig
brief-any = irgendein Server
brief-from = von { $source }
brief-mail-in-clear = Mail unverschlüsselt
brief-left-without-mail = ohne Mail gegangen
brief-mail-in-tls = Mail über { $version }
connections-title = Verbindungen in allen Einzelheiten
connections-intro = Zeiten in UTC. Adressen sind gekürzt.
connections-summary = { $count ->
    [one] Eine Verbindung
   *[other] Alle { $count } Verbindungen
}
connections-more = { $count ->
    [one] Eine weitere Verbindung ist hier nicht gezeigt.
   *[other] { $count } weitere Verbindungen sind hier nicht gezeigt.
}
# $list: "37 Verbindungen, 2 DNS-Anfragen".
beyond = Es kam mehr, als ein Test zeigen kann. Nur gezählt und nicht Teil dieses Ergebnisses: mindestens { $list }.
beyond-links = { $count ->
    [one] eine Verbindung
   *[other] { $count } Verbindungen
}
beyond-transactions = { $count ->
    [one] eine Mail auf den gezeigten Verbindungen
   *[other] { $count } Mails auf den gezeigten Verbindungen
}
beyond-questions = { $count ->
    [one] eine DNS-Anfrage
   *[other] { $count } DNS-Anfragen
}
beyond-fetches = { $count ->
    [one] ein Abruf der MTA-STS-Richtlinie
   *[other] { $count } Abrufe der MTA-STS-Richtlinie
}
day = { $day }
from = gesendet von { $sender }
time-open = offen
server = Server { $number }
server-as = als Server { $number }
server-any = Irgendein Server
transport-plain = unverschlüsselt
transport-tls = TLS
outcome-mail-in-clear = Mail unverschlüsselt
outcome-mail-in-tls = Mail über TLS
outcome-left-without-mail = ohne Mail gegangen, da keine Verschlüsselung angeboten
outcome-refused-certificate = unser Zertifikat abgelehnt
outcome-our-limit = TLS gescheitert: Uns fehlt, was angeboten wurde
outcome-tls-failed = TLS gescheitert
outcome-no-mail-in-tls = EHLO über TLS, keine Mail gesendet
outcome-aborted = ohne Mail beendet
outcome-open = kein Ende bekannt
closed-quit = QUIT
closed-sender = ohne QUIT geschlossen
closed-us = von uns geschlossen
closed-timeout = Zeit abgelaufen
alert = Alert { $code } ({ $name })
starttls-unoffered = STARTTLS gesendet, obwohl nicht angeboten
irregular = regelwidrig: { $kinds }
foreign-protocol = sprach HTTP oder ein anderes Protokoll, dem wir nicht zuhören
sni-none = kein SNI
certificate-phase-a = gezeigt: ein selbstsigniertes Zertifikat
certificate-phase-b = gezeigt: ein gültiges Zertifikat für alle Server
recipients-none = kein Empfänger
dot-acknowledged = angenommen
dot-held = vertagt ({ $code })
dot-refused = abgelehnt ({ $code })
dot-unanswered = keine Antwort bekannt
dot-none = nicht zu Ende gesendet
tie-address = Keine Mail dieses Tests, aber dieselbe Adresse.
tie-network = Keine Mail dieses Tests, aber dasselbe Netz.
tie-domain = Keine Mail dieses Tests, aber dieselbe Domain in EHLO.
tie-shared = Die Verbindung gehört vielleicht zu einem anderen Absender oder Test, deshalb entscheidet sie nichts.

queries-title = Erfragte Namen
queries-intro = DNS-Anfragen an uns in der Zeit des Tests, von Resolvern, die nach seinen Servern gefragt haben. Von Resolvern außerhalb Ihrer Netze steht hier nur das Netz; auch andere können sie nutzen. „DO“: DNSSEC wurde verlangt.
queries-missing = Nicht alle Fragen dieser Zeit sind aufgehoben, weil es zu viele waren oder lange her ist: Eine, die hier nicht steht, kann gestellt worden sein; aus ihrem Fehlen folgt nichts.
fetches-missing = Nicht alle Besuche beim Policy-Host in dieser Zeit wurden notiert, weil es zu viele waren: Einer, der hier nicht steht, kann stattgefunden haben; aus seinem Fehlen folgt nichts.
queries-elsewhere = Dieser Dienst ist nicht der einzige Nameserver seiner Testdomains: Auch { $servers } antworten für sie und sagen nicht, was sie gefragt werden. Eine Frage, die hier nicht steht, kann dort gestellt worden sein; aus ihrem Fehlen folgt nichts.
queries-cited-intro = DNS-Anfragen, auf denen das Ergebnis beruht. Alle stehen auf der Seite.
fetches-title = Abrufe der Richtlinie
fetches-intro = Abrufe der MTA-STS-Richtlinie, die zum Test gehören.
fetches-cited-intro = Abrufe der MTA-STS-Richtlinie, auf denen das Ergebnis beruht.
fetch-none = keine Anfrage, nur TLS
log-more = { $count ->
    [one] und eine weitere Zeile
   *[other] und { $count } weitere Zeilen
}
log-summary = { $count ->
    [one] Eine Zeile
   *[other] Alle { $count } Zeilen
}

others-title = Anderes, nicht gewertet
others-intro = Das nennt Ihre Mail oder passt zu ihrer Zeit, aber nichts verbindet es mit Ihrem Server.
others-link = { $outcome }, von { $network }
others-queries = { $count ->
    [one] eine DNS-Anfrage eines anderen Resolvers
   *[other] { $count } DNS-Anfragen anderer Resolver
}

### Das Unbekannte

unknown-title = Was sonst nicht zu erkennen war
unknown-intro = { "" }
unknown-dnssec = Ob Ihr Resolver gefälschte DNS-Antworten zurückweist (DNSSEC): Das können diese beiden Domains nicht zeigen.
unknown-unended = Wie manche Verbindungen endeten: Ihr Ende ist nicht vermerkt. Das kommt vor, solange sie bestehen und wenn unser Dienst neu gestartet wurde.
contradiction = { $first } und { $second } widersprechen sich.
contradiction-link = Verbindung { $number }
contradiction-seq = Beobachtung { $seq }

footer-vouched = Diese Antwort geht an den Envelope-Absender: SPF oder DKIM bürgt für ihn.
footer-kept = Sie bleibt { $days ->
    [one] einen Tag
   *[other] { $days } Tage
} gespeichert; wer die Adresse oben kennt, kann sie lesen.
footer-withheld = Diese Auswertung wurde nicht per Mail verschickt: { $reason }.
footer-objection = Sie möchten solche Mails nicht mehr bekommen? Ein Klick auf dieser Seite genügt: { $page }

withheld-null-reverse-path = Die Mail kam mit leerem Envelope-Absender, und darauf wird nicht geantwortet
withheld-auto-submitted = Die Mail sagt, dass ein Programm sie verschickt hat
withheld-list = Die Mail kam über eine Mailingliste
withheld-bulk = Die Mail nennt sich selbst Massensendung
withheld-report = Die Mail ist ein Bericht und nicht von einem Menschen
withheld-ourselves = Die Mail kam von uns selbst
withheld-loop = Die Mail scheint im Kreis zu laufen
withheld-no-mail = Keine Mail wurde zu Ende übertragen
withheld-not-vouched = Weder SPF noch DKIM bürgt für die Absenderadresse
withheld-address-limit = Diese Adresse hat heute so viele Auswertungen bekommen, wie sie darf
withheld-domain-limit = Diese Domain hat heute so viele Auswertungen bekommen, wie sie darf
withheld-day-limit = Wir haben heute so viele Auswertungen verschickt, wie wir dürfen
withheld-objection = Für diese Adresse oder ihre Domain sind Mails von uns nicht erwünscht
withheld-address-forgotten = Die Absenderadresse ist nicht mehr bekannt
withheld-unwritable = An die Absenderadresse können wir nicht schreiben
