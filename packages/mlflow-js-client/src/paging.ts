/** One page of a longer list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Give it to the next call; absent on the last page. */
  readonly nextPageToken: string | undefined;
}

/** Walks through all pages, fetching each one when it is reached. */
export async function* allPages<T>(
  fetchPage: (pageToken: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<T, void> {
  let token: string | undefined;
  do {
    const page = await fetchPage(token);
    yield* page.items;
    token = page.nextPageToken;
  } while (token);
}
