import BananaTech
import Foundation
import XCTest

/// Lists, page by page.
final class PagingTests: XCTestCase {
    private actor Server {
        let total: Int?
        private(set) var asked = 0

        init(total: Int?) {
            self.total = total
        }

        /// The records from `skip` on, by the request that was sealed.
        func answer(_ call: Call<GetTransactions>, _ merchant: Merchant) throws -> CardTransactionPage {
            asked += 1
            let sent = try Value(merchant.opened(call.request))
            let (skip, limit) = (sent["skip"]?.int ?? 0, sent["limit"]?.int ?? 10)
            let records = (skip..<max(skip, min(skip + limit, 7))).map { #"{"id":\#($0),"amount":1}"# }
            let total = total.map { #","total":\#($0)"# } ?? ""
            let body = #"{"data":[\#(records.joined(separator: ","))]\#(total)}"#
            return try call.read(status: 200, body: merchant.testAnswer(response: Redacted(body)))
        }
    }

    func testAllRecordsComeLazily() async throws {
        let merchant = try merchant()
        for (total, requests) in [(7, 3), (nil, 4)] as [(Int?, Int)] {
            let server = Server(total: total)
            let list = merchant.pages(GetTransactions(cardId: 1, limit: 3)) { try await server.answer($0, merchant) }
            var ids: [TransactionId] = []
            for try await transaction in list {
                // The next page is asked for only when this one is used up.
                let asked = await server.asked
                XCTAssertEqual(asked, ids.count / 3 + 1)
                ids.append(transaction.id)
            }
            XCTAssertEqual(ids, (0..<7).map { TransactionId($0) })
            XCTAssertEqual(list.end?.isComplete, true)
            XCTAssertEqual(list.end?.isStable, true)
            XCTAssertEqual(list.end?.total, total.map(Int64.init))
            let asked = await server.asked
            XCTAssertEqual(asked, requests)
        }
    }

    func testItStartsAnewAndEndsEarly() async throws {
        let merchant = try merchant()
        let server = Server(total: 7)
        let list = merchant.pages(GetTransactions(skip: 5, limit: 5)) { try await server.answer($0, merchant) }
        for _ in 1...2 {
            let first = try await list.first { _ in true }
            XCTAssertEqual(first?.id, 5)
            XCTAssertNil(list.end)
        }
        var iterator = list.makeAsyncIterator()
        var count = 0
        while try await iterator.next() != nil { count += 1 }
        XCTAssertEqual(count, 2)
        let after = try await iterator.next()
        XCTAssertNil(after)
        let asked = await server.asked
        XCTAssertEqual(asked, 3)
    }

    func testErrorsComeThrough() async throws {
        let merchant = try merchant()
        let failing = merchant.pages(GetUsers()) { _ in throw Unknown(what: "the net") }
        do {
            for try await _ in failing { XCTFail("a record") }
            XCTFail("nothing was thrown")
        } catch is Unknown {}
    }

    func testAnIssuerThatAlwaysAnswersTheSameIsLeft() async throws {
        let same = try merchant().pages(GetUsers(limit: 1)) { try $0.read(status: 200, body: #"{"data":[1],"total":9}"#.data) }
        var count = 0
        for try await _ in same { count += 1 }
        XCTAssertEqual(count, 4)
        XCTAssertEqual(same.end?.isComplete, false)
        XCTAssertEqual(same.end?.isStable, false)
    }

    func testWithoutAKey() throws {
        var pages = try Pages(of: GetUsers(limit: 2).any)
        XCTAssertNil(pages.total)
        XCTAssertEqual(try pages.next(), GetUsers(skip: 0, limit: 2).any)
        pages = try pages.accept(response: .getUsers(JsonPage(data: ["1", "2"], total: 3)))
        XCTAssertEqual(pages.total, 3)
        // It can be stored.
        pages = Pages(state: Redacted(pages.state.expose()))
        XCTAssertEqual(try pages.next(), GetUsers(skip: 2, limit: 2).any)
        pages = try pages.accept(response: .getUsers(JsonPage(data: ["3"], total: 3)))
        XCTAssertNil(try pages.next())
        XCTAssertTrue(pages.isComplete && pages.isStable)
        let late = AnyResponse.getUsers(JsonPage(data: ["3"], total: 3))
        XCTAssertEqual(try thrown { try pages.accept(response: late) }.code, .pageMismatch)
        XCTAssertEqual(try thrown { try Pages(of: recharge.any) }.code, .planOperation)
    }
}
