import Foundation
import Ledger
import Testing

struct RecordTests {
    @Test func aSecondCopyWithTheSameContentChangesNothing() throws {
        let fixture = try LedgerFixture()
        #expect(try fixture.ledger.record(LedgerFixture.arrival("1.1")) == .new(1))
        let before = try fixture.ledger.studies()
        #expect(try fixture.ledger.record(LedgerFixture.arrival("1.1", after: 60)) == .duplicate)
        #expect(try fixture.ledger.studies() == before)
    }

    @Test func otherContentUnderAKnownUIDIsKeptBesideTheFirst() throws {
        let fixture = try LedgerFixture()
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.1"))
        #expect(try fixture.ledger.record(LedgerFixture.arrival("1.1", sha256: "bb")) == .conflict(1))
        #expect(try fixture.ledger.record(LedgerFixture.arrival("1.1", sha256: "bb")) == .duplicate)
        #expect(try fixture.ledger.record(LedgerFixture.arrival("1.1", sha256: "cc")) == .conflict(2))
        let study = try #require(try fixture.ledger.studies().first)
        #expect(study.instances == 1 && study.conflicts == 2)
    }

    @Test(arguments: [
        (LedgerFixture.patient(id: "A", name: "DOE^JANE"), LedgerFixture.patient(id: "B", name: "DOE^JANE"), true),
        (LedgerFixture.patient(id: "A", name: "DOE^JANE"), LedgerFixture.patient(id: "A", name: "ROE^JANE"), true),
        (
            LedgerFixture.patient(id: "A", birthDate: "19700101"),
            LedgerFixture.patient(id: "A", birthDate: "19700102"), true
        ),
        (LedgerFixture.patient(id: "A", name: "DOE^JANE"), LedgerFixture.patient(id: "A", name: "Doe^Jane^^^"), false),
        (LedgerFixture.patient(id: "A", name: "DOE^JANE"), LedgerFixture.patient(id: "A"), false),
        (LedgerFixture.patient(id: "A ", name: "DOE ^JANE"), LedgerFixture.patient(id: "A", name: "DOE^JANE"), false),
    ])
    func twoPeopleUnderOneStudyAreSeenAndTwoSpellingsAreNot(
        first: HeaderAttributes, second: HeaderAttributes, differ: Bool
    ) throws {
        let fixture = try LedgerFixture()
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.1", header: first))
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.2", header: second))
        #expect(try fixture.ledger.completionFacts().first?.hasTwoPatients == differ)
    }

    @Test func twoPeopleAreSeenAlsoAfterAnObjectThatNamesNobody() throws {
        let fixture = try LedgerFixture()
        for (number, name) in ["", "DOE", "ROE"].enumerated() {
            _ = try fixture.ledger.record(
                LedgerFixture.arrival("1.\(number)", header: LedgerFixture.patient(id: name, name: name)))
            #expect(try fixture.ledger.completionFacts().first?.hasTwoPatients == (number == 2))
        }
        #expect(try fixture.ledger.study(1)?.patientName == "DOE")
    }

    @Test func aResultOfOursThatAPACSCorrectedIsNoSecondPatient() throws {
        let fixture = try LedgerFixture()
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.1", header: LedgerFixture.patient(id: "A", name: "DOE")))
        let ours = LedgerFixture.patient(id: "B", name: "ROE", manufacturer: HeaderAttributes.ownManufacturer)
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.2", header: ours))
        #expect(try fixture.ledger.completionFacts().first?.hasTwoPatients == false)
    }

    @Test func onlyImagesOfOthersCountAsNews() throws {
        let fixture = try LedgerFixture()
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.1", sopClass: "1.2.840.10008.5.1.4.1.1.88.67"))
        _ = try fixture.ledger.record(
            LedgerFixture.arrival("1.2", header: LedgerFixture.patient(manufacturer: HeaderAttributes.ownManufacturer)))
        #expect(try fixture.ledger.completionFacts().first?.newImages == 0)
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.3", after: 5))
        let facts = try #require(try fixture.ledger.completionFacts().first)
        #expect(facts.newImages == 1)
        #expect(facts.lastImageAt == LedgerFixture.start.addingTimeInterval(5))
    }

    @Test func anAssociationHoldsItsStudyOpenUntilItIsClosed() throws {
        let fixture = try LedgerFixture()
        let association = try fixture.ledger.associationOpened(
            callingAETitle: "CT1", calledAETitle: "APATITE", peer: "127.0.0.1", at: LedgerFixture.start)
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.1", association: association))
        #expect(try fixture.ledger.completionFacts().first?.openAssociations == 1)
        let end = LedgerFixture.start.addingTimeInterval(9)
        try fixture.ledger.associationClosed(association, ending: .released, at: end)
        let facts = try #require(try fixture.ledger.completionFacts().first)
        #expect(facts.openAssociations == 0 && facts.lastAssociationClosedAt == end)
    }

    @Test func aSenderThatBeginsAgainHoldsTheStudyOpenThoughAllItSendsIsKnown() throws {
        let fixture = try LedgerFixture()
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.1"))
        let again = try fixture.ledger.associationOpened(
            callingAETitle: "CT1", calledAETitle: "APATITE", peer: "", at: LedgerFixture.start)
        #expect(try fixture.ledger.record(LedgerFixture.arrival("1.1", association: again)) == .duplicate)
        #expect(try fixture.ledger.completionFacts().first?.openAssociations == 1)
    }

    @Test func associationsThatAStoppedServiceLeftOpenAreClosedAtStart() throws {
        let fixture = try LedgerFixture()
        let association = try fixture.ledger.associationOpened(
            callingAETitle: "CT1", calledAETitle: "APATITE", peer: "", at: LedgerFixture.start)
        _ = try fixture.ledger.record(LedgerFixture.arrival("1.1", association: association))
        try fixture.ledger.closeInterruptedAssociations(at: LedgerFixture.start)
        #expect(try fixture.ledger.completionFacts().first?.openAssociations == 0)
        #expect(try fixture.shell("SELECT ending FROM association") == "interrupted\n")
    }
}
