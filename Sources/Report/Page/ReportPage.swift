import Foundation

/// The report as one self-contained HTML file for people: no script, no outside reference, prints on A4.
///
/// The words are those of the ``ReportModel``, one article a language; whatever came from a header is text and never
/// markup.
struct ReportPage {
    /// At least one; the first one's language is the page's.
    let articles: [ReportArticle]

    func html() -> String {
        """
        <!DOCTYPE html>
        <html lang="\(articles[0].say.language.rawValue)">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(Self.escaped(articles[0].model.title))</title>
        <style>
        \(Self.style)
        </style>
        </head>
        <body>
        \(languages)
        <main>
        \(articles.map { $0.html() }.joined(separator: "\n"))
        </main>
        </body>
        </html>

        """
    }

    /// Links to the articles, where there are several.
    private var languages: String {
        guard articles.count > 1 else { return "" }
        let links = articles.map { article in
            let language = article.say.language.rawValue
            return "<a href=\"#\(language)\" lang=\"\(language)\">\(article.say("English", "Français"))</a>"
        }
        return "<nav>\(links.joined(separator: " "))</nav>"
    }

    /// Text as HTML shows it, in content and in quoted attributes.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: if character.properties.generalCategory != .control { result.unicodeScalars.append(character) }
            }
        }
        return result
    }

    private static let style = """
        :root { color-scheme: light; }
        * { box-sizing: border-box; }
        body { margin: 0; background: #fff; color: #15191f; font: 15px/1.45 "DejaVu Sans", Verdana, Arial, sans-serif; }
        .report, footer, nav { max-width: 72em; margin: 0 auto; padding: 0 1.2em; }
        nav { padding-top: .4em; padding-bottom: .4em; }
        nav a { margin-right: 1.2em; color: #1f4e8c; }
        article + article { margin-top: 3em; }
        .banner { margin: 0; padding: .45em; background: #f0e442; color: #101010; font-weight: bold; text-align: center; }
        h1 { font-size: 1.45em; margin: .8em 0 .3em; }
        h2 { font-size: .85em; letter-spacing: .04em; color: #4a5563; margin: 1.2em 0 .2em; }
        p { margin: .25em 0; }
        dl { display: flex; flex-wrap: wrap; gap: .2em 1.6em; margin: .3em 0; }
        dt, dd { display: inline; margin: 0; }
        dt { color: #4a5563; margin-right: .5em; }
        dd { font-weight: bold; overflow-wrap: anywhere; }
        .acquisition, .notes, footer { color: #4a5563; font-size: .9em; }
        .acquisition, .notes p, footer p { white-space: pre-wrap; }
        .conclusion { margin: 1em 0; padding: .2em 1em .7em; background: #f3f5f8; border-left: .45em solid #d55e00; }
        .conclusion h2 { color: #a34700; margin-top: .6em; }
        .conclusion p:first-of-type { font-size: 1.2em; font-weight: bold; }
        .scroll { overflow-x: auto; }
        table { width: 100%; border-collapse: collapse; margin: .6em 0 .3em; font-size: .84em; }
        caption { text-align: left; font-weight: bold; padding-bottom: .4em; }
        th, td { padding: .22em .4em; text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        th:first-child, td:first-child, .words { text-align: left; }
        thead th, .words { white-space: normal; }
        thead small { display: block; }
        thead th { border-bottom: 1px solid #8c96a3; color: #4a5563; font-weight: normal; vertical-align: bottom; }
        tbody tr:nth-child(even) { background: #f3f5f8; }
        figure { margin: 1.2em 0; }
        img { display: block; max-width: 100%; height: auto; margin: 0 auto; }
        figcaption { color: #4a5563; font-size: .85em; text-align: center; padding-top: .3em; }
        footer { border-top: 1px solid #c8ced6; margin-top: 1.5em; padding-top: .6em; padding-bottom: 1.2em; }
        @page { size: A4; margin: 13mm; }
        @media print {
          body { font-size: 9.5pt; }
          nav { display: none; }
          article + article { break-before: page; }
          .report, footer, nav { max-width: none; padding: 0; }
          .banner, .conclusion, tbody tr { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
          figure, tr, .conclusion { break-inside: avoid; }
          h2 { break-after: avoid; }
          img { max-height: 235mm; }
          .scroll { overflow: visible; }
          table { font-size: 7.5pt; }
          th, td { padding: .18em .3em; }
        }
        """
}
