/** Whose page a frame on an LRU list has, in the cells of its row. */
import { describe, expect, test } from 'vitest';
import { WRITE } from '../../../core/event/access-mode.ts';
import { MAP_SHARED } from '../../../core/event/mmap-flags.ts';
import { Draft } from '../../../core/machine/draft.ts';
import { ownerOf, pageInOwner, setOwner } from '../../../core/pages/lru-links.ts';
import { ReverseMap } from '../../../core/reclaim/rmap.ts';
import { hiddenFile } from '../../../core/vm/page-cache.ts';
import { access, mmap, PAGE, RUNNING, RW } from '../../support/rows.ts';
import { frameOf, reclaiming, within } from './looks.ts';

const NUMBERS = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
/** An object is smaller than 4 GiB. */
const PAGES = [0, 1, 2 ** 20 - 1];

describe('a row says', () => {
  test.each(NUMBERS.flatMap((number) => PAGES.map((page) => ({ number, page }))))(
    'page $page of object, file or shared memory $number',
    ({ number, page }) => {
      for (const owner of [number, hiddenFile(number)]) {
        const found = within(reclaiming(), (draft) => {
          setOwner(draft, 5, owner, page);
          return [ownerOf(draft, 5), pageInOwner(draft, 5)];
        });
        expect(found).toEqual([owner, page]);
      }
    },
  );
});

test.each([
  { what: 'private', flags: RW },
  { what: 'shared', flags: RW | MAP_SHARED },
])('reclaim finds who maps $what memory of an object of a large number', ({ flags }) => {
  const object = 2 ** 32 - 2;
  const session = reclaiming().given(...RUNNING, mmap(object, 3 * PAGE, flags));
  session.given(access(object, 2 * PAGE, 8, WRITE));
  const mappers = new ReverseMap(new Draft(session.machine)).mappersOf(frameOf(session, 1, object, 2));
  expect(mappers.map(({ vma }) => vma.object)).toEqual([object]);
});
