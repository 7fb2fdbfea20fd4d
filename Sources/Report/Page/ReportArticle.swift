import DualEnergyCT
import Foundation

/// The report in one language, as a part of the ``ReportPage``.
struct ReportArticle {
    /// A picture with words for who cannot see it.
    struct Figure {
        var png: [UInt8]
        var description: String
    }

    let model: ReportModel
    let say: Phrases
    let patient: PatientLine
    let figures: [Figure]

    func html() -> String {
        """
        <article id="\(say.language.rawValue)" lang="\(say.language.rawValue)">
        <p class="banner" role="note">\(ReportPage.escaped(model.banner))</p>
        <div class="report">
        <header>
        <h1>\(ReportPage.escaped(model.title))</h1>
        \(patientList)
        <p class="acquisition">\(ReportPage.escaped(model.acquisition))</p>
        </header>
        <section class="conclusion">
        <h2>\(ReportPage.escaped(model.conclusionTitle))</h2>
        \(paragraphs(model.conclusion))
        </section>
        \(figures.first.map { figure($0) } ?? "")
        \(model.table.map(table) ?? "")
        \(model.sections.map(section).joined(separator: "\n"))
        \(figures.dropFirst().map { figure($0) }.joined(separator: "\n"))
        </div>
        <footer>
        \(paragraphs(model.footer))
        </footer>
        </article>
        """
    }

    // MARK: - Pieces

    private var patientList: String {
        let entries = [
            (say("Patient", "Patient"), patient.name), (say("ID", "Identifiant"), patient.id),
            (say("Born", "Naissance"), patient.birthDate),
        ].filter { !$0.1.isEmpty }
        guard !entries.isEmpty else { return "" }
        return "<dl>" + entries.map { "<div><dt>\($0.0)</dt><dd>\(ReportPage.escaped($0.1))</dd></div>" }.joined()
            + "</dl>"
    }

    private func paragraphs(_ lines: [String]) -> String {
        lines.map { "<p>\(ReportPage.escaped($0))</p>" }.joined(separator: "\n")
    }

    private func section(_ section: ReportModel.Section) -> String {
        "<section>\n<h2>\(ReportPage.escaped(section.title))</h2>\n\(paragraphs(section.allLines))\n</section>"
    }

    private func table(_ table: ReportModel.Table) -> String {
        let kinds = table.columns.indices.map { table.isText(column: $0) ? " class=\"words\"" : "" }
        let head = zip(zip(table.columns, table.units), kinds).map { title, kind in
            let unit = title.1.isEmpty ? "" : " <small>\(ReportPage.escaped(title.1))</small>"
            return "<th scope=\"col\"\(kind)>\(ReportPage.escaped(title.0))\(unit)</th>"
        }.joined()
        let rows = table.rows.map { row in
            let cells = row.enumerated().map { index, text in
                let text = ReportPage.escaped(text)
                return index == 0 ? "<th scope=\"row\">\(text)</th>" : "<td\(kinds[index])>\(text)</td>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        return """
            <section>
            <div class="scroll">
            <table>
            <caption>\(ReportPage.escaped(table.heading))</caption>
            <thead><tr>\(head)</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table>
            </div>
            <div class="notes">
            \(paragraphs(table.notes))
            </div>
            </section>
            """
    }

    private func figure(_ figure: Figure) -> String {
        let data = Data(figure.png).base64EncodedString()
        let words = ReportPage.escaped(figure.description)
        return """
            <figure>
            <img alt="\(words)" src="data:image/png;base64,\(data)">
            <figcaption>\(words)</figcaption>
            </figure>
            """
    }
}
