import DICOM
import DualEnergyCT

/// The pages of the picture series: the summary, the largest deposits in three planes, the virtual radiographs.
struct PictureSeries {
    /// Deposits a page and pages of them.
    private static let perPage = 3
    private static let keyPages = 4

    private let context: ReportContext
    private let parts: [ImagePart]
    private let say: Phrases

    init(_ context: ReportContext) {
        self.context = context
        say = Phrases(language: context.source.language)
        parts = ImagePart.parts(
            image: context.source.lowImage, labels: context.findings.labels, place: context.place,
            deposits: context.findings.deposits)
    }

    /// A page and what it shows, for who cannot see it.
    struct Page {
        var canvas: Canvas
        var description: String
    }

    /// All pages in their order. Where nothing may be claimed the summary stands alone.
    func pages() -> [Page] {
        let model = context.model
        let summary = SummaryPicture(
            model: model, findings: context.findings, pictures: pictures(), language: context.source.language,
            identity: identity)
        let others = model.isNotAnalysable ? 0 : keyGroups.count + parts.count
        let first = Page(canvas: summary.draw(), description: model.conclusion.joined(separator: " "))
        guard others > 0 else { return [first] }
        let frame = PageFrame(model: model, identity: identity, say: say)
        let keys = keyGroups.enumerated().map { index, group in
            keyPage(group, frame, number: 2 + index, of: 1 + others)
        }
        let radiographs = parts.enumerated().map { index, part in
            radiographPage(part, frame, number: 2 + keys.count + index, of: 1 + others)
        }
        return [first] + keys + radiographs
    }

    /// The projections alone, as the page for people shows them beside its own text.
    func projections() -> Page {
        let pictures = pictures()
        let width = pictures.count == 1 && pictures[0].aspect <= 1.15 ? 520 : 960
        let canvas = Canvas(width: width, height: 720, background: Palette.background)
        HandPicture.draw(
            pictures, on: canvas, in: Rectangle(x: 0, y: 0, width: Double(canvas.width), height: Double(canvas.height)))
        let marked = context.findings.deposits.map { context.names[$0.number] }
        let place = say.place(context.place.region, context.place.laterality)
        return Page(
            canvas: canvas,
            description: say("Frontal projection, \(place).", "Projection frontale, \(place).")
                + (context.model.isNotAnalysable || marked.isEmpty
                    ? "" : say(" Marked: ", " Marqués : ") + marked.joined(separator: ", ") + "."))
    }

    // MARK: - Projections

    private func pictures() -> [HandPicture] {
        let claims = !context.model.isNotAnalysable
        let marks = (claims ? context.findings.deposits : []).map { deposit in
            HandPicture.Mark(
                label: SegmentLabel.firstDeposit + UInt16(deposit.number - 1),
                name: context.names[deposit.number], colour: Palette.material(deposit.material))
        }
        return parts.map { part in
            HandPicture(
                projection: Projection(image: context.source.lowImage, labels: context.findings.labels, part: part),
                showsExcluded: claims, marks: marks, sideMarker: marker(part))
        }
    }

    private func marker(_ part: ImagePart) -> String {
        switch part.side {
        case .right: "R"
        case .left: "L"
        case nil:
            context.place.laterality == .both && parts.count == 1
                ? "R + L" : say("side not stated", "côté non indiqué")
        }
    }

    // MARK: - Key pictures

    private var keyGroups: [[Deposit]] {
        let shown = context.findings.deposits.prefix(Self.perPage * Self.keyPages)
        return stride(from: 0, to: shown.count, by: Self.perPage).map {
            Array(shown[$0..<min($0 + Self.perPage, shown.count)])
        }
    }

    private func keyPage(_ group: [Deposit], _ frame: PageFrame, number: Int, of count: Int) -> Page {
        let shown = group.map { context.names[$0.number] }
        let window = (Int(KeyPicture.window.centre), Int(KeyPicture.window.width))
        let units = context.model.table?.notes.first { $0.contains("mm3") } ?? ""
        let canvas = frame.page(
            say("Largest deposits: ", "Plus grands dépôts : ") + shown.joined(separator: ", "), number: number,
            of: count,
            note: say(
                "\(context.facts.lowBeam) \(context.facts.beamUnit) image, window \(window.1) at \(window.0) HU. ",
                "Image \(context.facts.lowBeam) \(context.facts.beamUnit), fenêtre \(window.1) à \(window.0) UH. ")
                + units)
        let picture = KeyPicture(
            image: context.source.lowImage, labels: context.findings.labels, deposits: context.findings.deposits,
            say: say)
        let height = PageFrame.body.height / Double(Self.perPage)
        for (index, deposit) in group.enumerated() {
            let room = Rectangle(
                x: PageFrame.body.x, y: PageFrame.body.y + Double(index) * height, width: PageFrame.body.width,
                height: height - 12)
            picture.draw(deposit, name: shown[index], caption: caption(deposit), on: canvas, in: room)
        }
        return Page(
            canvas: canvas,
            description: say(
                "Axial, coronal and sagittal planes through ", "Plans axial, coronal et sagittal passant par ")
                + shown.joined(separator: ", ") + ".")
    }

    /// The deposit's row of the table in words.
    private func caption(_ deposit: Deposit) -> String {
        guard let table = context.model.table, table.rows.indices.contains(deposit.number - 1) else { return "" }
        return zip(table.columns, table.rows[deposit.number - 1]).dropFirst().map { "\($0) \($1)" }
            .joined(separator: "    ")
    }

    // MARK: - Radiographs

    private func radiographPage(_ part: ImagePart, _ frame: PageFrame, number: Int, of count: Int) -> Page {
        let isHand = [BodyRegion.hand, .wrist].contains(context.place.region)
        let radiograph = Radiograph(
            image: context.source.lowImage, labels: context.findings.labels, part: part, isHand: isHand)
        let laterality: Laterality =
            switch part.side {
            case .right: .right
            case .left: .left
            case nil: context.place.laterality
            }
        let title =
            say("Virtual radiograph, ", "Radiographie virtuelle, ") + say.place(context.place.region, laterality)
        let canvas = frame.page(
            title, number: number, of: count,
            note: say(
                "Parallel projection of the attenuation in the \(context.facts.lowBeam) \(context.facts.beamUnit) "
                    + "images, seen from the front. Not a radiograph.",
                "Projection parallèle de l'atténuation des images \(context.facts.lowBeam) "
                    + "\(context.facts.beamUnit), vue de face. N'est pas une radiographie."))
        RadiographPage(radiograph: radiograph, sideMarker: marker(part), say: say).draw(
            on: canvas, in: PageFrame.body)
        return Page(
            canvas: canvas,
            description: title
                + (radiograph.withoutDeposits == nil
                    ? "." : say(", as scanned and with the deposits removed.", ", telle quelle et sans les dépôts.")))
    }

    // MARK: - Identity

    /// Name, ID and birth date, where the site wants them on the pixels.
    private var identity: String? {
        context.source.identityOnPictures ? PatientLine(context.source.header).text : nil
    }
}

/// The patient in one line of text.
struct PatientLine {
    let name: String
    let id: String
    let birthDate: String

    init(_ header: DataSet) {
        // The alphabetic form: the picture's font has no ideographs (PS3.5 section 6.2.1).
        let forms = (header.string(.patientName) ?? "").split(separator: "=", omittingEmptySubsequences: false)
        let form = forms.first { !$0.isEmpty } ?? ""
        name = Self.printable(form.split(separator: "^").joined(separator: " "))
        id = Self.printable(header.string(.patientID) ?? "")
        let date = Array(header.string(.patientBirthDate) ?? "")
        birthDate =
            date.count == 8
            ? "\(String(date[0..<4]))-\(String(date[4..<6]))-\(String(date[6..<8]))" : Self.printable(String(date))
    }

    var text: String { [name, id, birthDate].filter { !$0.isEmpty }.joined(separator: "   ") }

    private static func printable(_ text: String) -> String {
        String(text.unicodeScalars.filter { $0.properties.generalCategory != .control }.map(Character.init))
    }
}
