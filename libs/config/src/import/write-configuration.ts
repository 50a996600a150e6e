/**
 * A configuration as YAML for people: sections in the usual order, what fits on a line in one line. Pure.
 */
import { Document, isCollection, visit } from 'yaml';

/** Characters of what is written in one line, without its indentation. */
const LINE_LENGTH = 100;

export function writeConfiguration(configuration: object): string {
  const document = new Document(configuration, { aliasDuplicateObjects: false });
  visit(document, {
    Collection(_key, node, path) {
      // Sections and their nouns stay apart; an owner's records do too.
      const depth = path.filter((each) => isCollection(each)).length;
      if (depth < 2) return undefined;
      if (JSON.stringify(node.toJSON()).length > LINE_LENGTH) return undefined;
      node.flow = true;
      return visit.SKIP;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}
