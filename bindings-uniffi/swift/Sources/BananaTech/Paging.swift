import Foundation

/// What the answer to a list holds: some of its records.
public protocol RecordPage: Sendable {
    /// What the list is of.
    associatedtype Record: Sendable
    /// The records.
    var data: [Record] { get }
}

/// An operation whose answer comes in pages.
public protocol PagedOperation: TypedOperation where Response: RecordPage {
    /// The page, among the other responses.
    static func any(_ response: Response) -> AnyResponse
}

/// All records of a list, page by page: each page is asked for when the records before it are used up.
public struct Records<List: PagedOperation>: AsyncSequence, Sendable {
    public typealias Element = List.Response.Record

    let merchant: Merchant
    let list: List
    let send: @Sendable (Call<List>) async throws -> List.Response
    private let ending = Ending()

    /// How the list ended when it was last read to its end: whether it is complete and was stable. Nil until then; reading it anew begins
    /// with nil.
    public var end: Pages? { ending.pages }

    init(
        merchant: Merchant, list: List, send: @escaping @Sendable (Call<List>) async throws -> List.Response
    ) {
        self.merchant = merchant
        self.list = list
        self.send = send
    }

    public func makeAsyncIterator() -> Iterator {
        ending.pages = nil
        return Iterator(records: self)
    }

    public struct Iterator: AsyncIteratorProtocol {
        let records: Records
        private var pages: Pages?
        private var page: [Element] = []
        private var next = 0

        init(records: Records) {
            self.records = records
        }

        public mutating func next() async throws -> Element? {
            while next == page.count {
                let pages = try self.pages ?? BananaTech.pages(list: records.list.any)
                guard let operation = try pages.next() else {
                    self.pages = pages
                    records.ending.pages = pages
                    return nil
                }
                let call = try Call<List>(records.merchant, operation, iv: nil)
                let response = try await records.send(call)
                self.pages = try pages.accept(response: List.any(response))
                page = response.data
                next = 0
            }
            defer { next += 1 }
            return page[next]
        }
    }
}

/// Where all copies of a sequence find how it ended. Not private: Swift would write an address in place of its name.
final class Ending: @unchecked Sendable {
    private let lock = NSLock()
    private var known: Pages?

    var pages: Pages? {
        get { lock.withLock { known } }
        set { lock.withLock { known = newValue } }
    }
}

extension Merchant {
    /// Goes through all pages of a list, from its `skip` on, with `limit` records to a page (10 if it has none).
    ///
    /// - Parameters:
    ///   - list: Which list.
    ///   - send: Sends a call's request, and returns what ``Call/read(status:body:)`` does.
    /// - Returns: The records, which throw what `send` throws. After the last one, ``Records/end`` tells how the list ended.
    public func pages<List: PagedOperation>(
        _ list: List, send: @escaping @Sendable (Call<List>) async throws -> List.Response
    ) -> Records<List> {
        Records(merchant: self, list: list, send: send)
    }
}
