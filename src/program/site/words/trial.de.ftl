# Ein Test, während er läuft, und sein Ergebnis.

trial-runs = Ihr Test läuft. Hier sehen Sie, was geschieht, während es geschieht; Sie brauchen nichts zu tun.
trial-reloads = Diese Seite lädt sich alle zehn Sekunden neu.
trial-reload = Jetzt laden
trial-steps = Was geschehen ist
trial-nothing-yet = Noch nichts.
trial-awaited = Worauf noch gewartet wird
trial-stays = Sie können diese Seite schließen und wiederkommen: Die Antwort steht dann unter derselben Adresse.
trial-answered = Die Antwort ist da. Wie gut Ihre Domain Mail empfängt, wird noch geprüft; dieser Teil folgt hier in wenigen Minuten.
trial-connection = Verbindung { $number }
trial-question = DNS-Anfrage { $number }
trial-fetch = Abruf { $number } der Richtlinie
trial-silence = Was nicht geschehen ist
trial-did = Was wir taten:
trial-seen = Was Ihr Server tat:
trial-follows = Was daraus folgt:

trial-tools = Dieses Ergebnis
trial-print = Drucken
trial-eml = Als Mail herunterladen (.eml)
trial-json = Als signiertes JSON herunterladen, ohne Adressen
trial-compare = Mit einem früheren Ergebnis vergleichen
trial-delete = Löschen

trial-delete-title = Dieses Ergebnis löschen
trial-delete-ask = Möchten Sie dieses Ergebnis löschen?
trial-delete-what = Die Verbindungen, Adressen und Antworten dieses Tests werden sofort und endgültig gelöscht, und diese Adresse führt dann nirgendwohin. Zehn Tage lang erkennt der Dienst die Mail noch an ihrer Message-ID, ihrer Herkunft und einem Hashwert der Absenderadresse mit geheimem Schlüssel, damit Kopien, die bei Ihrem Server noch warten, keinen neuen Test beginnen. Eine Mail, die Ihnen geschickt wurde, bleibt bei Ihnen.
trial-delete-do = Endgültig löschen
trial-delete-back = Behalten
trial-delete-gone = Das Ergebnis ist gelöscht.
trial-delete-not-yet = Dieser Test läuft noch, oder seine Auswertung wird gerade verschickt. Sobald das getan ist, lässt er sich löschen; jetzt hat sich nichts geändert.
trial-delete-failed = Das Ergebnis ließ sich gerade nicht löschen, weil der Dienst nicht schreiben kann. Bitte versuchen Sie es in ein paar Minuten noch einmal.

trial-compare-title = Zwei Ergebnisse vergleichen
trial-compare-field = Adresse eines früheren Ergebnisses
trial-compare-hint = Fügen Sie die Adresse einer Ergebnisseite derselben Domain ein, wie sie in einer früheren Auswertung stand.
trial-compare-do = Vergleichen
trial-compare-back = Zurück zum Ergebnis
trial-compare-no-address = Das ist nicht die Adresse eines anderen Ergebnisses. Sie sieht aus wie die Adresse dieser Seite, mit /r/ darin.
trial-compare-other = Diese beiden lassen sich nicht vergleichen: Es geht in ihnen um Mail verschiedener Domains, oder für den Absender eines von beiden bürgte weder SPF noch DKIM.
trial-compare-not-yet = Einer der beiden Tests läuft noch. Vergleichen Sie sie, wenn beide zu Ende sind.
trial-compare-unknown = Unter dieser Adresse gibt es kein Ergebnis; vielleicht wurde es gelöscht.
trial-compare-none = Zwischen diesen beiden Ergebnissen hat sich nichts geändert.
trial-compare-changed = Was sich geändert hat
trial-compare-same = Was gleich geblieben ist
trial-compare-what = Was
trial-compare-answer = Die Antwort

trial-postscript-title = TLS-Berichte über diesen Test
trial-postscript-ask = Möchten Sie eine Mail über die TLS-Berichte zu diesem Test?
trial-postscript-what = Wenn Ihr Mailsystem TLS-Berichte sendet, kommen sie ein, zwei Tage nach dem Test. Eine Mail sagt Ihnen, ob sie sagen, was unser eigenes Protokoll sagt; ohne Bericht gibt es keine. Sie geht nur an die Adresse, von der der Test gesendet wurde, und nur, wenn SPF oder DKIM für sie bürgte. Wir kennen diese Adresse nur als Prüfsumme mit Schlüssel; bitte tippen Sie sie ein. Sie wird aufgehoben, bis die Mail gesendet ist, höchstens sieben Tage.
trial-postscript-field = Die Adresse, von der der Test gesendet wurde
trial-postscript-do = Sagen Sie mir Bescheid
trial-postscript-kept = Sie bekommen eine Mail, wenn Berichte über diesen Test gekommen sind.
trial-postscript-before = Darum wurde schon gebeten. Über die Berichte zu einem Test gibt es eine Mail und nicht mehr.
trial-postscript-not-sender = Der Test wurde nicht von dieser Adresse gesendet, oder weder SPF noch DKIM bürgte für sie. Aufgehoben wurde nichts.
trial-postscript-failed = Das konnte jetzt nicht aufgehoben werden, weil der Dienst nicht schreiben kann. Bitte versuchen Sie es in ein paar Minuten noch einmal.
