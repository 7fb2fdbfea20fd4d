import DualEnergyCT

/// The pages of the picture series: the summary, the largest deposits in three planes, the virtual radiographs.
///
/// What is computed from the images is computed once, for all languages.
struct PictureSeries {
    /// Deposits a page and pages of them; fewer where everything stands twice, so that a series has at most 12 pages.
    private static let perPage = 3
    private var keyPages: Int { context.editions.count > 1 ? 3 : 4 }

    private let context: ReportContext
    private let parts: [ImagePart]
    private let projections: [Projection]
    private let radiographs: [Radiograph]

    init(_ context: ReportContext) {
        self.context = context
        let findings = context.findings
        let image = context.source.lowImage
        let parts = ImagePart.parts(
            image: image, labels: findings.labels, place: context.place, deposits: findings.deposits)
        let isHand = [BodyRegion.hand, .wrist].contains(context.place.region)
        self.parts = parts
        projections = parts.map { Projection(image: image, labels: findings.labels, part: $0) }
        radiographs = (context.model.isNotAnalysable ? [] : parts).map { part in
            let palms = findings.palms.filter { part.side == nil ? parts.count == 1 : $0.side == part.side }
            return Radiograph(
                image: image, labels: findings.labels, part: part, isHand: isHand,
                volar: palms.count == 1 ? palms[0].volar : nil)
        }
    }

    /// A page and what it shows, for who cannot see it.
    struct Page {
        var canvas: Canvas
        var description: String
    }

    /// All pages in one language, in their order. Where nothing may be claimed the summary stands alone.
    func pages(_ edition: ReportContext.Edition) -> [Page] {
        let model = edition.model
        let say = Phrases(language: edition.language)
        let others = model.isNotAnalysable ? 0 : keyGroups.count + radiographs.count
        let summary = SummaryPicture(
            model: model, findings: context.findings, pictures: pictures(say), language: edition.language,
            identity: identity, pageCount: 1 + others)
        let first = Page(canvas: summary.draw(), description: model.conclusion.joined(separator: " "))
        guard others > 0 else { return [first] }
        let frame = PageFrame(model: model, identity: identity, say: say)
        let keys = keyGroups.enumerated().map { index, group in
            keyPage(group, frame, number: 2 + index, of: 1 + others)
        }
        let plain = zip(parts, radiographs).enumerated().map { index, shown in
            radiographPage(shown.0, shown.1, frame, number: 2 + keys.count + index, of: 1 + others)
        }
        return [first] + keys + plain
    }

    /// The projections alone, as the page for people shows them beside its own text.
    func projections(_ edition: ReportContext.Edition) -> Page {
        let say = Phrases(language: edition.language)
        let pictures = pictures(say)
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

    private func pictures(_ say: Phrases) -> [HandPicture] {
        let claims = !context.model.isNotAnalysable
        let marks = (claims ? context.findings.deposits : []).map { deposit in
            HandPicture.Mark(
                label: SegmentLabel.firstDeposit + UInt16(deposit.number - 1),
                name: context.names[deposit.number], colour: Palette.material(deposit.material))
        }
        return zip(parts, projections).map { part, projection in
            HandPicture(projection: projection, showsOthers: claims, marks: marks, sideMarker: marker(part, say))
        }
    }

    private func marker(_ part: ImagePart, _ say: Phrases) -> String? {
        switch part.side {
        case .right: "R"
        case .left: "L"
        case nil where !say.hasSides(context.place.region): nil
        case nil:
            context.place.laterality == .both && parts.count == 1
                ? "R + L" : say("side not stated", "côté non indiqué")
        }
    }

    // MARK: - Key pictures

    private var keyGroups: [[Deposit]] {
        let shown = context.findings.deposits.prefix(Self.perPage * keyPages)
        return stride(from: 0, to: shown.count, by: Self.perPage).map {
            Array(shown[$0..<min($0 + Self.perPage, shown.count)])
        }
    }

    private func keyPage(_ group: [Deposit], _ frame: PageFrame, number: Int, of count: Int) -> Page {
        let say = frame.say
        let writer = ReportWriter(findings: context.findings, facts: context.facts.inLanguage(say.language))
        let shown = group.map { context.names[$0.number] }
        let window = (Int(KeyPicture.window.centre), Int(KeyPicture.window.width))
        let canvas = frame.page(
            say("Largest deposits: ", "Plus grands dépôts : ") + shown.joined(separator: ", "), number: number,
            of: count,
            note: say(
                "\(context.facts.lowBeam) \(context.facts.beamUnit) image, window \(window.1) at \(window.0) HU. ",
                "Image \(context.facts.lowBeam) \(context.facts.beamUnit), fenêtre \(window.1) à \(window.0) UH. ")
                + writer.unitsNote)
        let picture = KeyPicture(
            image: context.source.lowImage, labels: context.findings.labels, deposits: context.findings.deposits,
            say: say)
        let height = PageFrame.body.height / Double(Self.perPage)
        for (index, deposit) in group.enumerated() {
            let room = Rectangle(
                x: PageFrame.body.x, y: PageFrame.body.y + Double(index) * height, width: PageFrame.body.width,
                height: height - 12)
            picture.draw(deposit, name: shown[index], caption: writer.caption(deposit), on: canvas, in: room)
        }
        return Page(
            canvas: canvas,
            description: say(
                "Axial, coronal and sagittal planes through ", "Plans axial, coronal et sagittal passant par ")
                + shown.joined(separator: ", ") + ".")
    }

    // MARK: - Radiographs

    private func radiographPage(
        _ part: ImagePart, _ radiograph: Radiograph, _ frame: PageFrame, number: Int, of count: Int
    ) -> Page {
        let say = frame.say
        let laterality: Laterality =
            switch part.side {
            case .right: .right
            case .left: .left
            case nil: context.place.laterality
            }
        let title =
            say("Virtual radiograph, ", "Radiographie virtuelle, ") + say.place(context.place.region, laterality)
        let seen =
            radiograph.isPosteroAnterior
            ? say(
                "postero-anterior: from the back of the hand to the palm",
                "postéro-antérieure : du dos de la main vers la paume")
            : say("seen from the patient's front", "vue de face du patient")
        let canvas = frame.page(
            title, number: number, of: count,
            note: say(
                "Parallel projection of the attenuation in the \(context.facts.lowBeam) \(context.facts.beamUnit) "
                    + "images, \(seen). Not a radiograph.",
                "Projection parallèle de l'atténuation des images \(context.facts.lowBeam) "
                    + "\(context.facts.beamUnit), \(seen). N'est pas une radiographie."))
        RadiographPage(radiograph: radiograph, sideMarker: marker(part, say), say: say).draw(
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
